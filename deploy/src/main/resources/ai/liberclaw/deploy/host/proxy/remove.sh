[ -e "$CONFIG/agents/$AGENT.caddy" ] || exit 0
exec 9> "$CONFIG/.lock"
flock -w 30 9
rm -f "$CONFIG/agents/$AGENT.caddy"
if systemctl is-active --quiet liberclaw-proxy.service; then
  systemctl reload liberclaw-proxy.service || systemctl restart liberclaw-proxy.service
fi
