# Ends the agent.
[ -f "$marker" ] || exit 0
mine
lock "agent-$AGENT"
stop_agent
if systemd && [ -f "$units/$unit" ]; then manager disable --quiet "$unit"; fi
