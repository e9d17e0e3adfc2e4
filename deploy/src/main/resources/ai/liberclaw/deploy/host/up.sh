# Which agents of this installation are up: an id and a word a line.
if systemd; then kept=1; else kept=0; fi
for found in "$agents"/*/marker.json; do
  [ -f "$found" ] || continue
  grep -qF "\"installation\":\"$INSTALLATION\"" "$found" || continue
  place=${found%/marker.json}
  id=${place##*/}
  if [ "$kept" = 1 ]; then
    state=$(manager show -p ActiveState --value "liberclaw-agent@$id.service")
  elif loop_group > /dev/null; then
    state=active
  else
    state=inactive
  fi
  echo "$id $state"
done
