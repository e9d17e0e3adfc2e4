# Ends the original; its files stay.
set -eu
export LC_ALL=C
if [ -f /etc/systemd/system/baal-agent.service ]; then systemctl disable --now --quiet baal-agent.service; fi
