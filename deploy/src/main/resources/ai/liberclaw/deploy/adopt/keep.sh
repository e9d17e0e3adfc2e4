# The new agent answers: the original does not start again, and the proxy leads to the new one. AGENT, PORT and NEW_PORT
# are set above.
set -eu
export LC_ALL=C
systemctl disable --quiet baal-agent.service
caddy=/etc/caddy/Caddyfile
if [ -f "$caddy" ] && grep -q "reverse_proxy localhost:$PORT\$\|reverse_proxy localhost:$PORT " "$caddy"; then
  [ -f "$caddy.before-liberclaw" ] || cp -a "$caddy" "$caddy.before-liberclaw"
  sed "s/reverse_proxy localhost:$PORT\b/reverse_proxy localhost:$NEW_PORT/" "$caddy" > "$caddy.new"
  mv -f "$caddy.new" "$caddy"
  chmod 0644 "$caddy"
  systemctl reload-or-restart caddy.service
fi
