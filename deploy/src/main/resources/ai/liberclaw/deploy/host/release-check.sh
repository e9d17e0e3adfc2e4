# Whether a release is here and whole; its files' hashes are on standard input. RELEASE and FILES are set above.
dir=$releases/$RELEASE
if [ ! -d "$dir" ]; then
  echo absent
elif (cd "$dir" && sha256sum --check --strict --status -) \
  && [ "$(find "$dir" ! -type d | wc -l)" = "$FILES" ]; then
  touch "$dir"
  echo whole
else
  echo damaged
fi
