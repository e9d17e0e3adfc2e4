# Before every script: where things are on a host. AGENT, INSTANCE, INSTALLATION and ROOTLESS are set above.
set -eu
umask 022
export LC_ALL=C

fail() {
  echo "liberclaw:$1" >&2
  exit 90
}

if [ "$ROOTLESS" = 1 ]; then
  top=$HOME/.local/share/liberclaw
  releases=$top/releases agents=$top/etc/agents data_of=$top/var/agents run=$top/run
  units=$HOME/.config/systemd/user
  XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  export XDG_RUNTIME_DIR
  user=$(id -un) group=$(id -gn)
else
  releases=/opt/liberclaw/releases agents=/etc/liberclaw/agents data_of=/var/lib/liberclaw/agents run=/run/liberclaw
  units=/etc/systemd/system
  user=lc-$(echo "$AGENT" | tr -d - | cut -c1-12) group=$user
fi
place=$agents/$AGENT
data=$data_of/$AGENT
marker=$place/marker.json
unit=liberclaw-agent@$AGENT.service

manager() {
  if [ "$ROOTLESS" = 1 ]; then systemctl --user "$@"; else systemctl "$@"; fi
}

systemd() {
  [ -d /run/systemd/system ] && { [ "$ROOTLESS" = 0 ] || systemctl --user show-environment > /dev/null 2>&1; }
}

# One change at a time; the lock goes with the process, however it ends.
lock() {
  mkdir -p "$run"
  exec 9> "$run/$1.lock"
  flock -w 60 9 || fail busy
}

# The agent's place must be ours, and this instance's.
mine() {
  [ -f "$marker" ] || fail not_provisioned
  grep -qF "\"installation\":\"$INSTALLATION\"" "$marker" || fail foreign_directory
  grep -qF "\"instance\":\"$INSTANCE\"" "$marker" || fail place_taken
}

# What is done in the agent's own directories is done as the agent: links it left lead nowhere it could not go.
as_agent() {
  if [ "$ROOTLESS" = 1 ]; then
    "$@"
  else
    setpriv --reuid="$user" --regid="$group" --clear-groups --no-new-privs --inh-caps=-all "$@"
  fi
}

# Processes of the agent's user that outlived their unit.
end_strays() {
  [ "$ROOTLESS" = 0 ] || return 0
  id "$user" > /dev/null 2>&1 || return 0
  for process in /proc/[0-9]*; do
    if [ "$(stat -c %U "$process" 2> /dev/null || true)" = "$user" ]; then
      kill -KILL "${process#/proc/}" 2> /dev/null || true
    fi
  done
}

# The group of the loop that keeps an agent up where there is no systemd, while it is the one that was started.
loop_group() {
  [ -f "$place/loop" ] || return 1
  read -r group_id began < "$place/loop" || return 1
  [ -r "/proc/$group_id/stat" ] || return 1
  [ "$(sed 's/.*) //' "/proc/$group_id/stat" | cut -d ' ' -f 20)" = "$began" ] || return 1
  echo "$group_id"
}

stop_agent() {
  if systemd; then
    if [ -f "$units/$unit" ]; then manager stop "$unit"; fi
  elif group_id=$(loop_group); then
    # With -s: Debian's sh takes no group after -TERM.
    kill -s TERM -- "-$group_id" 2> /dev/null || true
    waited=0
    while [ -n "$(ls -d "/proc/$group_id" 2> /dev/null)" ] && [ "$waited" -lt 400 ]; do
      sleep 0.1
      waited=$((waited + 1))
    done
    kill -s KILL -- "-$group_id" 2> /dev/null || true
  fi
  rm -f "$place/loop"
  end_strays
}

start_agent() {
  if systemd; then
    manager daemon-reload
    manager enable --quiet "$unit"
    manager reset-failed "$unit" 2> /dev/null || true
    manager restart "$unit"
  else
    if [ -f "$place/agent.log" ] && [ "$(stat -c %s "$place/agent.log")" -gt 10000000 ]; then
      mv -f "$place/agent.log" "$place/agent.log.1"
    fi
    setsid sh "$place/loop.sh" > /dev/null 2>&1 < /dev/null 9>&- &
    loop=$!
    sleep 0.2
    [ -r "/proc/$loop/stat" ] || fail not_started
    echo "$loop $(sed 's/.*) //' "/proc/$loop/stat" | cut -d ' ' -f 20)" > "$place/loop"
  fi
}
