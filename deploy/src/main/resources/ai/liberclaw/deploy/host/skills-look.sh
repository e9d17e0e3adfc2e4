# What became of the skills in the workspace. CHOSEN is set above: ids.
mine
as_agent sh -c '
  cd "$1" || exit 1
  shift
  managed=$(grep -o "\"[a-z0-9_-]\{1,64\}\":\"[0-9a-f]\{64\}\"" managed.json 2> /dev/null | tr -d "\"" | head -n 200)
  for pair in $managed; do echo "managed ${pair%%:*} ${pair##*:}"; done
  if [ -L workspace/skills ] || { [ -e workspace/skills ] && [ ! -d workspace/skills ]; }; then
    echo blocked
    exit 0
  fi
  for id in "$@" $(for pair in $managed; do echo "${pair%%:*}"; done); do
    file=workspace/skills/$id/SKILL.md
    if [ -L "workspace/skills/$id" ] || [ -L "$file" ]; then
      echo "other $id"
    elif [ -f "$file" ]; then
      echo "file $id $(sha256sum < "$file" | cut -c 1-64)"
    elif [ -e "$file" ] || { [ -e "workspace/skills/$id" ] && [ ! -d "workspace/skills/$id" ]; }; then
      echo "other $id"
    fi
  done
' sh "$data" $CHOSEN
