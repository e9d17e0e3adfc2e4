# Wipes the original, if it is this instance's. INSTANCE and INSTALLATION are set above.
set -eu
export LC_ALL=C
mark=/opt/baal-agent/.liberclaw.json
[ -f "$mark" ] || exit 0
grep -qF "\"installation\":\"$INSTALLATION\"" "$mark" && grep -qF "\"instance\":\"$INSTANCE\"" "$mark" || exit 0
unit=/etc/systemd/system/baal-agent.service
if [ -f "$unit" ]; then
  systemctl disable --now --quiet baal-agent.service
  rm -f "$unit"
  systemctl daemon-reload
fi
# The mark goes last, so that an interrupted wipe is found again.
find /opt/baal-agent -mindepth 1 -maxdepth 1 ! -name .liberclaw.json -exec rm -rf {} +
rm -f "$mark"
rmdir /opt/baal-agent
