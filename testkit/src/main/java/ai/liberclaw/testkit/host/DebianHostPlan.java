package ai.liberclaw.testkit.host;

import java.util.ArrayList;
import java.util.List;

/** What a {@link DebianHost} shall be like. */
public final class DebianHostPlan {
  /** Hosts run side by side; none may take this machine's memory. */
  private static final String MEMORY = "1g";

  /** As in virtual machines root may mount, trace and configure the network. */
  private static final String CAPABILITIES =
      "SYS_ADMIN,NET_ADMIN,SYS_PTRACE,SYS_RESOURCE,AUDIT_WRITE";

  /** Bash as process 1 waits for orphans, as an init does. */
  private static final String START_WITHOUT_SYSTEMD =
      "trap 'exit 0' TERM; mkdir -p /run/sshd; /usr/local/sbin/make-host-keys;"
          + " /usr/sbin/sshd -D & while true; do wait; sleep 1; done";

  final List<String> authorized = new ArrayList<>();
  final List<String> packages = new ArrayList<>();
  final List<String> without = new ArrayList<>();
  final List<Integer> published = new ArrayList<>(List.of(22));
  boolean systemd = true;

  DebianHostPlan() {}

  /** Also lets root in with this key, a line as in {@code authorized_keys}. */
  public DebianHostPlan authorize(String publicKeyLine) {
    authorized.add(publicKeyLine);
    return this;
  }

  /** Makes a TCP port reachable by {@link DebianHost#port}. */
  public DebianHostPlan publish(int guestPort) {
    published.add(guestPort);
    return this;
  }

  /** Process 1 is a shell and nothing but SSH runs, as in many containers. */
  public DebianHostPlan withoutSystemd() {
    systemd = false;
    return this;
  }

  /** Takes a program away, such as {@code zstd}. */
  public DebianHostPlan without(String program) {
    without.add(program);
    return this;
  }

  /** Has these Debian packages too. Each set of packages is an image of its own: a minute, once. */
  public DebianHostPlan install(String... debianPackages) {
    packages.addAll(List.of(debianPackages));
    return this;
  }

  /** Starts it, and returns when systemd has finished and SSH answers. */
  public DebianHost start() {
    return DebianHost.start(this);
  }

  List<String> runCommand(String name, String image) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "run",
                "-d",
                "--name",
                name,
                "--hostname",
                name,
                "--label",
                Leftovers.label(),
                "--memory",
                MEMORY,
                "--cap-add",
                CAPABILITIES,
                "--security-opt",
                "seccomp=unconfined",
                "--security-opt",
                "unmask=ALL",
                "--tmpfs",
                "/run",
                "--tmpfs",
                "/tmp"));
    for (int port : published) {
      command.addAll(List.of("-p", "127.0.0.1::" + port));
    }
    if (systemd) {
      command.addAll(List.of("--systemd=always", image, "/sbin/init"));
    } else {
      command.addAll(List.of("--systemd=false", image, "/bin/bash", "-c", START_WITHOUT_SYSTEMD));
    }
    return command;
  }
}
