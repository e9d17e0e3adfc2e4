[ -d /run/systemd/system ] || exit 91
if [ -x "$PROGRAM" ] && echo "$SHA256  $PROGRAM" | sha256sum --check --status; then echo here; fi
