# The new agent does not answer: the original runs again, with its own files. AGENT is set above.
set -eu
export LC_ALL=C
place=/etc/liberclaw/agents/$AGENT
data=/var/lib/liberclaw/agents/$AGENT
systemctl disable --now --quiet "liberclaw-agent@$AGENT.service" 2> /dev/null || true
caddy=/etc/caddy/Caddyfile
if [ -f "$caddy.before-liberclaw" ]; then
  mv -f "$caddy.before-liberclaw" "$caddy"
  systemctl reload-or-restart caddy.service
fi
rm -rf "$place/taken" "$data/agent.db" "$data/agent.db-wal" "$data/agent.db-shm"
systemctl enable --quiet baal-agent.service
systemctl start baal-agent.service
