part() { # file: the next part of standard input, put in place whole; true when it changed
  read -r length
  head -c "$length" > "$1.new"
  chmod 0644 "$1.new"
  if [ -e "$1" ] && cmp -s "$1" "$1.new"; then rm "$1.new"; return 1; fi
  mv "$1.new" "$1"
}
mkdir -p "$CONFIG/agents"
exec 9> "$CONFIG/.lock"
flock -w 30 9
getent passwd lc-proxy > /dev/null \
  || useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin lc-proxy
site=$CONFIG/agents/$AGENT.caddy
restart=false
part "$CONFIG/Caddyfile" || true
if part "$UNIT"; then restart=true; systemctl daemon-reload; fi
if [ -e "$site" ]; then cp -p "$site" "$site.kept"; fi
part "$site" || true
if ! "$PROGRAM" validate --config "$CONFIG/Caddyfile" --adapter caddyfile > /dev/null 2> "$CONFIG/.problem"; then
  rm -f "$site"
  if [ -e "$site.kept" ]; then mv "$site.kept" "$site"; fi
  tail -n 3 "$CONFIG/.problem" >&2
  exit 1
fi
rm -f "$site.kept" "$CONFIG/.problem"
systemctl enable --quiet liberclaw-proxy.service
if $restart; then systemctl restart liberclaw-proxy.service; else systemctl reload-or-restart liberclaw-proxy.service; fi
