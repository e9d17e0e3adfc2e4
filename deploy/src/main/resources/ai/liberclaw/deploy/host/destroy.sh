# Ends the agent and wipes all of it; the marker goes last, so that an interrupted wipe is found again.
if [ ! -f "$marker" ]; then
  exit 0
fi
grep -qF "\"installation\":\"$INSTALLATION\"" "$marker" || fail foreign_directory
# A later instance of the same agent: ours is gone.
grep -qF "\"instance\":\"$INSTANCE\"" "$marker" || exit 0
lock "agent-$AGENT"
stop_agent
if systemd && [ -f "$units/$unit" ]; then
  manager disable --quiet "$unit" || true
  rm -f "$units/$unit"
  manager daemon-reload
  manager reset-failed "$unit" 2> /dev/null || true
fi
rm -rf "$data"
if [ "$ROOTLESS" = 0 ] && id "$user" > /dev/null 2>&1; then
  userdel "$user" 2> /dev/null || { sleep 1; end_strays; userdel "$user"; }
fi
for entry in "$place"/* "$place"/.[!.]*; do
  if [ "$entry" != "$marker" ]; then rm -rf "$entry"; fi
done
rm -f "$marker"
rmdir "$place"
