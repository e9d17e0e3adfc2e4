# Keeps a new configuration, from standard input, and release beside those in use. RELEASE is set above.
mine
lock "agent-$AGENT"
[ -d "$releases/$RELEASE" ] || fail release_missing
rm -rf "$place/next.new"
mkdir -m 0755 "$place/next.new"
(umask 077; cat > "$place/next.new/config.json")
[ "$ROOTLESS" = 1 ] || chown "$user:$group" "$place/next.new/config.json"
ln -s "$releases/$RELEASE" "$place/next.new/release"
rm -rf "$place/next"
mv "$place/next.new" "$place/next"
