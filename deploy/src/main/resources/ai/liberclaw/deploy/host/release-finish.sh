# Makes an unpacked release usable; its files' hashes are on standard input. RELEASE and FILES are set above.
lock "release-$RELEASE"
new=$releases/.new-$RELEASE dir=$releases/$RELEASE
if [ ! -d "$new/tree" ]; then
  # Another server was here in between.
  [ -d "$dir" ] && exit 0
  fail archive_damaged
fi
(cd "$new/tree" && sha256sum --check --strict --status -) || fail archive_damaged
[ "$(find "$new/tree" ! -type d | wc -l)" = "$FILES" ] || fail archive_damaged
find "$new/tree" -type d -exec chmod 0755 {} +
if [ -d "$dir" ]; then mv "$dir" "$new/old"; fi
mv "$new/tree" "$dir"
touch "$dir"
rm -rf "$new"
