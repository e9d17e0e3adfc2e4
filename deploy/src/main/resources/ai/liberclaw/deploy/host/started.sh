# Whether the agent is up.
[ -f "$marker" ] || { echo no; exit 0; }
mine
if systemd; then
  state=$(manager show -p ActiveState -p SubState "$unit" | sort | tr '\n' ' ')
  case "$state" in
    "ActiveState=active "* | "ActiveState=activating SubState=start"*) echo yes ;;
    *) echo no ;;
  esac
elif loop_group > /dev/null; then
  echo yes
else
  echo no
fi
