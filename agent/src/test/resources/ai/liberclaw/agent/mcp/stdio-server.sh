# An MCP server over stdio that misbehaves on request: how it starts is its first argument, what a
# call does is the name of the tool. All that it is sent goes into the file of its second argument.
start=$1
log=$2
filler() { head -c "$1" /dev/zero | tr '\0' x; }
answer() { printf '{"result":%s,"jsonrpc":"2.0","id":%s}\n' "$1" "$id"; }
text() { answer "{\"content\":[{\"type\":\"text\",\"text\":\"$1\"}]}"; }
tool() { printf '{"name":"%s","description":"%s","inputSchema":{}}' "$1" "${2:-d}"; }

version=2025-06-18
tools="$(tool work),$(tool rename)"
case $start in
  slow) sleep 0.5 ;;
  version) version=1999-01-01 ;;
  greeting) echo "Welcome!"; echo '{"half":'; echo; echo '[]' ;;
  gone) echo "no such module 's3cret-value'" >&2; exit 3 ;;
  deaf) exec sleep 60 ;;
esac

while IFS= read -r line; do
  printf '%s\n' "$line" >>"$log"
  id=
  if [[ $line =~ \"id\":([0-9]+)\}$ ]]; then id=${BASH_REMATCH[1]}; fi
  case $line in
    *'"method":"initialize"'*)
      if [ "$start" = toolless ]; then capabilities='{}'; else capabilities='{"tools":{}}'; fi
      answer "{\"protocolVersion\":\"$version\",\"capabilities\":$capabilities}"
      ;;
    *'"method":"tools/list"'*)
      case $start:$line in
        pages:*'"cursor":"2"'*)
          answer "{\"tools\":[$(tool alpha)],\"nextCursor\":\"3\"}" ;;
        pages:*'"cursor":"3"'*)
          answer "{\"tools\":[$(tool 'not/usable'),$(tool beta)]}" ;;
        pages:*)
          answer "{\"tools\":[$(tool gamma 'line one\nline two \u202e\u0007end')],\"nextCursor\":\"2\"}" ;;
        endless:*)
          page=$((page + 1))
          answer "{\"tools\":[$(for n in 1 2 3 4; do tool "t${page}_$n"; printf ,; done) $(tool again)],\"nextCursor\":\"x\"}" ;;
        *)
          answer "{\"tools\":[$tools]}" ;;
      esac
      ;;
    *'"method":"tools/call"'*)
      if [[ $line =~ \"do\":\"([a-z_]+)\" ]]; then what=${BASH_REMATCH[1]}; else what=; fi
      case $what in
        long) text "$(filler 300000)" ;;
        too_long) printf '{"result":"'; filler $((17 << 20)); printf '"}\n' ;;
        flood) filler $((4 << 20)) >&2; for _ in $(seq 500); do echo "line" >&2; done; text flooded ;;
        hang) ;;
        crash) echo "out of luck" >&2; exit 7 ;;
        stop_reading) exec sleep 60 ;;
        ask)
          # Its own ids may equal the client's.
          printf '{"jsonrpc":"2.0","id":%s,"method":"ping"}\n' "$id"
          printf '{"jsonrpc":"2.0","id":"r1","method":"roots/list"}\n'
          text asked
          ;;
        refuse)
          printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32602,"message":"wrong\\nargument"}}\n' "$id" ;;
        change)
          tools=$(tool renamed)
          printf '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n'
          text changed
          ;;
        environment) text "$(env | sort | tr '\n"\\' '|  ')" ;;
        *) text "did ${what:-nothing}" ;;
      esac
      ;;
  esac
done
