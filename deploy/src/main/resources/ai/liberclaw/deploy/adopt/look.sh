# Tells whether an agent of the original is here, and where its things are. Prints no secret.
set -eu
export LC_ALL=C
home=/opt/baal-agent
file=$home/app/.env
[ -f "$file" ] && [ -d "$home/app/baal_agent" ] && [ -f /etc/systemd/system/baal-agent.service ] || { echo original=no; exit 0; }
setting() { sed -n "s/^$1=//p" "$file" | head -n 1; }
echo original=yes
echo "port=$(setting PORT)"
echo "database=$(setting DB_PATH)"
echo "workspace=$(setting WORKSPACE_PATH)"
echo "active=$(systemctl is-active baal-agent.service || true)"
echo "started=$(systemctl show --property=ActiveEnterTimestampMonotonic --value baal-agent.service)"
echo "bytes=$(du -sbc "$home/workspace" "$home/app/agent.db" 2> /dev/null | tail -n 1 | cut -f 1)"
echo "free=$(df -B1 --output=avail /var/lib | tail -n 1 | tr -d ' ')"
# The proxy's site that leads here, if there is one.
if [ -f /etc/caddy/Caddyfile ]; then
  echo "site=$(sed -n 's/^\([a-z0-9.-]\{1,253\}\) {$/\1/p' /etc/caddy/Caddyfile | head -n 1)"
fi
