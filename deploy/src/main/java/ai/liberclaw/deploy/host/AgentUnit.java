package ai.liberclaw.deploy.host;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What keeps an agent up on its host: a systemd unit, or a loop where there is no systemd. */
final class AgentUnit {
  /** Time an agent has to end its turns ({@code SHUTDOWN_GRACE}). */
  static final int GRACE_SECONDS = 30;

  private static final int STOP_SECONDS = GRACE_SECONDS + 10;

  private AgentUnit() {}

  /** The unit file. */
  static String systemd(HostPaths paths, HostAgents.Limits limits, boolean rootless) {
    // A user's own manager may not change users, nor mount.
    String confined =
        rootless
            ? ""
            : """
            User=%s
            Group=%s
            CapabilityBoundingSet=
            ProtectSystem=strict
            ReadWritePaths=%s
            ProtectHome=yes
            PrivateTmp=yes
            PrivateDevices=yes
            ProtectClock=yes
            ProtectHostname=yes
            ProtectKernelModules=yes
            ProtectControlGroups=yes
            """
                .formatted(paths.user(), paths.user(), paths.data());
    return """
    [Unit]
    Description=LiberClaw agent %s
    After=network-online.target
    Wants=network-online.target
    StartLimitIntervalSec=0

    [Service]
    Type=exec
    WorkingDirectory=%s
    %sExecStart=%s
    Restart=always
    RestartSec=2
    KillMode=mixed
    TimeoutStopSec=%d
    SuccessExitStatus=143
    UMask=0077
    NoNewPrivileges=yes
    RestrictSUIDSGID=yes
    RestrictRealtime=yes
    LockPersonality=yes
    MemoryMax=%d
    TasksMax=%d
    OOMPolicy=continue
    %s
    [Install]
    WantedBy=%s\
    """
        .formatted(
            paths.agentId(),
            paths.data(),
            environment(paths)
                .map(line -> "Environment=" + line + "\n")
                .collect(Collectors.joining()),
            paths.launcher(),
            STOP_SECONDS,
            limits.memoryBytesMax(),
            limits.tasksMax(),
            confined,
            rootless ? "default.target" : "multi-user.target");
  }

  /** A shell script that starts the agent again whenever it ends, waiting longer each time. */
  static String loop(HostPaths paths, boolean rootless) {
    String as =
        rootless
            ? ""
            : "setpriv --reuid=%1$s --regid=%1$s --clear-groups --no-new-privs --inh-caps=-all "
                .formatted(paths.user());
    return """
    # Keeps one agent up where there is no systemd.
    umask 077
    trap 'stopping=1; [ -z "$agent" ] || kill -TERM "$agent" 2> /dev/null' TERM
    stopping= agent= pause=1
    while [ -z "$stopping" ]; do
      began=$(date +%%s)
      (cd '%s' && exec %senv -i %s '%s') >> '%s/agent.log' 2>&1 < /dev/null &
      agent=$!
      while kill -0 "$agent" 2> /dev/null; do wait "$agent" || true; done
      [ $(($(date +%%s) - began)) -lt 60 ] || pause=1
      [ -n "$stopping" ] || sleep "$pause"
      pause=$((pause * 2))
      [ "$pause" -le 60 ] || pause=60
    done\
    """
        .formatted(
            paths.data(),
            as,
            environment(paths).collect(Collectors.joining(" ")),
            paths.launcher(),
            paths.place());
  }

  private static Stream<String> environment(HostPaths paths) {
    return Stream.of(
        "AGENT_CONFIG_FILE=" + paths.config(),
        "HOME=" + paths.data(),
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8",
        "LC_ALL=C.UTF-8");
  }
}
