# What the original wrote last. LINES_MAX is set above.
set -eu
export LC_ALL=C
journalctl -u baal-agent.service -n "$LINES_MAX" --no-pager -o cat
