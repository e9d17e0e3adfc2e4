# Goes back to what an update kept.
mine
lock "agent-$AGENT"
if [ ! -d "$place/kept" ]; then
  if [ -d "$place/reverted" ]; then
    # Asked once more; what runs again is left alone.
    if systemd; then
      manager start "$unit"
    elif ! loop_group > /dev/null; then
      start_agent
    fi
    echo yes
  else
    echo no
  fi
  exit 0
fi
stop_agent
rm -rf "$place/next"
rm -f "$data/agent.db" "$data/agent.db-wal" "$data/agent.db-shm"
for file in agent.db agent.db-wal; do
  if [ -e "$place/kept/$file" ]; then cp -a "$place/kept/$file" "$data/$file" || fail disk_full; fi
done
cp -a "$place/kept/config.json" "$place/config.json.new"
mv -f "$place/config.json.new" "$place/config.json"
cp -a "$place/kept/release" "$place/release.new"
mv -fT "$place/release.new" "$place/release"
rm -rf "$place/reverted"
mv "$place/kept" "$place/reverted"
start_agent
echo yes
