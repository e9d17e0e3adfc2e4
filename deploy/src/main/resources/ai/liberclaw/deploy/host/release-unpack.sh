# Takes a release's archive from standard input. RELEASE, SHA256, ZSTD and NEED_KB are set above.
mkdir -p "$releases"
lock "release-$RELEASE"
new=$releases/.new-$RELEASE
rm -rf "$new"
free=$(df -Pk "$releases" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
[ "$free" -gt "$NEED_KB" ] || fail disk_full
mkdir "$new"
trap 'rm -f "$new/archive"' EXIT
cat > "$new/archive" || fail disk_full
echo "$SHA256  $new/archive" | sha256sum --check --status - || fail archive_damaged
mkdir "$new/tree"
if [ "$ZSTD" = true ]; then
  zstd -dc "$new/archive" | tar -C "$new/tree" --no-same-owner -x -f - || fail disk_full
else
  gzip -dc "$new/archive" | tar -C "$new/tree" --no-same-owner -x -f - || fail disk_full
fi
