# Runs the agent with what was configured last; what it ran with before is kept. On standard input: the unit, a
# line with a form feed, and the loop for hosts without systemd.
mine
lock "agent-$AGENT"
[ -L "$place/release" ] || [ -d "$place/next" ] || fail not_configured
keeper=$(cat)
page=$(printf '\f')
stop_agent
if [ -d "$place/next" ]; then
  if [ -L "$place/release" ] && [ ! -d "$place/kept" ]; then
    rm -rf "$place/kept.new"
    mkdir -m 0700 "$place/kept.new"
    for file in "$place/release" "$place/config.json" "$data/agent.db" "$data/agent.db-wal"; do
      if [ -e "$file" ]; then cp -a "$file" "$place/kept.new/" || fail disk_full; fi
    done
    mv "$place/kept.new" "$place/kept"
  fi
  if [ -f "$place/next/config.json" ]; then mv -f "$place/next/config.json" "$place/config.json"; fi
  if [ -L "$place/next/release" ]; then mv -fT "$place/next/release" "$place/release"; fi
  rm -rf "$place/next" "$place/reverted"
fi
if systemd; then
  mkdir -p "$units"
  printf '%s\n' "${keeper%%"$page"*}" > "$units/$unit.new"
  mv -f "$units/$unit.new" "$units/$unit"
else
  printf '%s\n' "${keeper#*"$page"}" > "$place/loop.sh"
fi
start_agent
