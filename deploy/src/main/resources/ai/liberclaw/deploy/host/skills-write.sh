# Brings the skills to what was decided: a tar on standard input, below the data directory. REMOVED is set above: ids.
mine
as_agent sh -c '
  umask 077
  cd "$1" || exit 1
  shift
  for id in "$@"; do
    rm -f "workspace/skills/$id/SKILL.md"
    rmdir "workspace/skills/$id" 2> /dev/null || true
  done
  tar --no-same-owner --no-same-permissions -x -f -
' sh "$data" $REMOVED
