# Drops what an update kept, and releases that no agent has used for a day.
mine
lock "agent-$AGENT"
rm -rf "$place/kept" "$place/reverted"
used=$(for link in "$agents"/*/release "$agents"/*/next/release "$agents"/*/kept/release; do readlink "$link" || true; done)
find "$releases" -mindepth 1 -maxdepth 1 -type d -mmin +1440 | while read -r dir; do
  echo "$used" | grep -qxF "$dir" || rm -rf "$dir"
done
