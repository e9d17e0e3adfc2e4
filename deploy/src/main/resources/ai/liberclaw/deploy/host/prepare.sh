# Makes the agent's marker, user and directories; prints its port. PORT_MIN and PORT_MAX are set above.
mkdir -p "$agents" "$data_of"
lock "agent-$AGENT"
if [ -e "$place" ] && [ ! -f "$marker" ] && [ -n "$(ls -A "$place")" ]; then fail foreign_directory; fi
if [ -f "$marker" ]; then
  mine
else
  exec 8> "$run/ports.lock"
  flock -w 60 8 || fail busy
  used=$(
    sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$agents"/*/marker.json 2> /dev/null || true
    for table in /proc/net/tcp /proc/net/tcp6; do
      [ -r "$table" ] || continue
      while read -r _ local _ state _; do
        if [ "$state" = 0A ]; then echo $((0x${local##*:})); fi
      done < "$table"
    done
  )
  port=$PORT_MIN
  while echo "$used" | grep -qx "$port"; do
    port=$((port + 1))
    [ "$port" -le "$PORT_MAX" ] || fail no_port
  done
  mkdir -p "$place"
  printf '{"installation":"%s","agent":"%s","instance":"%s","port":%d,"created_at":"%s"}\n' \
    "$INSTALLATION" "$AGENT" "$INSTANCE" "$port" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$marker.new"
  mv -f "$marker.new" "$marker"
  exec 8>&-
fi
if [ "$ROOTLESS" = 0 ]; then
  id "$user" > /dev/null 2>&1 \
    || useradd --system --user-group --no-create-home --home-dir "$data" --shell /usr/sbin/nologin "$user"
fi
if [ ! -d "$data" ]; then
  mkdir -m 0700 "$data"
  [ "$ROOTLESS" = 1 ] || chown "$user:$group" "$data"
fi
as_agent sh -c 'umask 077; cd "$1" && mkdir -p workspace' sh "$data"
sed -n 's/.*"port":\([0-9]*\).*/port=\1/p' "$marker"
