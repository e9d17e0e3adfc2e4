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
changed=false
if part "$CONFIG/Caddyfile"; then changed=true; fi
if part "$UNIT"; then restart=true; systemctl daemon-reload; fi
if [ -e "$site" ]; then cp -p "$site" "$site.kept"; fi
if part "$site"; then changed=true; fi
if ! "$PROGRAM" validate --config "$CONFIG/Caddyfile" --adapter caddyfile > /dev/null 2> "$CONFIG/.problem"; then
  rm -f "$site"
  if [ -e "$site.kept" ]; then mv "$site.kept" "$site"; fi
  tail -n 3 "$CONFIG/.problem" >&2
  exit 1
fi
rm -f "$site.kept" "$CONFIG/.problem"
systemctl enable --quiet liberclaw-proxy.service
if $restart || ! systemctl is-active --quiet liberclaw-proxy.service; then
  systemctl restart liberclaw-proxy.service
elif $changed; then
  # A proxy that has just started may not take it yet. A restart would cut the other agents' streams.
  for attempt in 1 2 3 4 5; do
    if systemctl reload liberclaw-proxy.service 2> /dev/null; then exit 0; fi
    sleep 1
  done
  systemctl restart liberclaw-proxy.service
fi
