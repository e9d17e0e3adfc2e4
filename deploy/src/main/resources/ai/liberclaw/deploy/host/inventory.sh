# All that is this installation's: one marker a line.
for found in "$agents"/*/marker.json; do
  [ -f "$found" ] || continue
  if grep -qF "\"installation\":\"$INSTALLATION\"" "$found"; then head -c 1000 "$found"; fi
done
