# What the agent wrote last. LINES_MAX is set above.
mine
if systemd; then
  if [ "$ROOTLESS" = 1 ]; then
    journalctl --user -u "$unit" -n "$LINES_MAX" --no-pager -o cat
  else
    journalctl -u "$unit" -n "$LINES_MAX" --no-pager -o cat
  fi
elif [ -f "$place/agent.log" ]; then
  tail -n "$LINES_MAX" "$place/agent.log"
fi
