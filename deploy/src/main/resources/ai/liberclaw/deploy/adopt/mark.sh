# Notes whose the original is now. AGENT, INSTANCE and INSTALLATION are set above.
set -eu
umask 022
export LC_ALL=C
mark=/opt/baal-agent/.liberclaw.json
if [ -f "$mark" ] && ! grep -qF "\"installation\":\"$INSTALLATION\"" "$mark"; then exit 92; fi
printf '{"installation":"%s","agent":"%s","instance":"%s"}\n' "$INSTALLATION" "$AGENT" "$INSTANCE" > "$mark.new"
mv -f "$mark.new" "$mark"
