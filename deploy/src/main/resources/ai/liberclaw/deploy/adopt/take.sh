# Ends the original and copies its database and workspace to the new agent's place, which does not run yet. The original's
# own files stay as they are. AGENT, DATABASE and WORKSPACE are set above.
set -eu
umask 077
export LC_ALL=C
place=/etc/liberclaw/agents/$AGENT
data=/var/lib/liberclaw/agents/$AGENT
user=lc-$(echo "$AGENT" | tr -d - | cut -c1-12)
[ -f "$place/marker.json" ] || exit 91
[ ! -e "$place/taken" ] || exit 0
systemctl stop baal-agent.service
rm -rf "$data/agent.db" "$data/agent.db-wal" "$data/agent.db-shm" "$data/workspace"
for suffix in "" -wal; do
  if [ -f "$DATABASE$suffix" ]; then cp -a "$DATABASE$suffix" "$data/agent.db$suffix"; fi
done
cp -a "$WORKSPACE" "$data/workspace"
chown -hR "$user:$user" "$data"
chmod 0700 "$data" "$data/workspace"
touch "$place/taken"
sync -f "$data"
