# Starts the agent as it was last, if it does not run: after a restart of a host without systemd.
mine
lock "agent-$AGENT"
[ -L "$place/release" ] || fail not_configured
if systemd; then
  [ -f "$units/$unit" ] || fail not_configured
  manager start "$unit"
elif ! loop_group > /dev/null; then
  [ -f "$place/loop.sh" ] || fail not_configured
  start_agent
fi
