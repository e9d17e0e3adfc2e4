package ai.liberclaw.testkit.host;

import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * A Debian 12 machine with systemd and OpenSSH, as fresh as a cloud's, run as a container. Root
 * logs in over SSH with {@link #key}. Everything else here happens beside SSH, as somebody at the
 * machine's console would do it. Closing it leaves nothing.
 *
 * <p>Units, users, journal, sandboxing and reboots are real. Not real: the kernel and its boot id
 * are this machine's, and where cgroups are version 1 the memory and task limits of units are not
 * enforced.
 */
public final class DebianHost implements AutoCloseable {
  private static final Duration BOOT_TIME_MAX = Duration.ofMinutes(2);
  private static final Duration COMMAND_TIME_MAX = Duration.ofMinutes(1);
  private static final int SSH_PORT = 22;
  private static final int BANNER_TIME_MAX_MS = 2000;

  private final Podman podman;
  private final String name;
  private final Path folder;
  private final boolean systemd;

  /** By the host's own port. Read once: of a frozen host Podman does not tell them. */
  private final Map<Integer, Integer> ports = new HashMap<>();

  private DebianHost(Podman podman, String name, Path folder, boolean systemd) {
    this.podman = podman;
    this.name = name;
    this.folder = folder;
    this.systemd = systemd;
  }

  /** A host with nothing special. */
  public static DebianHost start() {
    return new DebianHostPlan().start();
  }

  /** A host to be described further. */
  public static DebianHostPlan plan() {
    return new DebianHostPlan();
  }

  static DebianHost start(DebianHostPlan plan) {
    Podman podman = Podman.configured();
    Leftovers.remove(podman);
    String image = new DebianImage(podman, plan.packages).ensure();
    String name =
        "liberclaw-host-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path folder;
    try {
      folder = Files.createTempDirectory("liberclaw-host");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DebianHost host = new DebianHost(podman, name, folder, plan.systemd);
    try {
      host.makeKey();
      podman.check(plan.runCommand(name, image).toArray(String[]::new));
      for (int port : plan.published) {
        host.ports.put(port, host.mapped(port));
      }
      host.prepare(plan);
      host.awaitUp();
      return host;
    } catch (RuntimeException | Error e) {
      host.close();
      throw e;
    }
  }

  /** The loopback port of this machine that leads to its SSH. */
  public int sshPort() {
    return port(SSH_PORT);
  }

  /** The loopback port of this machine that leads to a published port of the host. */
  public int port(int guestPort) {
    return Objects.requireNonNull(ports.get(guestPort), "the port is not published");
  }

  /**
   * Its own IPv4 address, where all its ports are reached from this machine alone. It may be
   * another one after each start.
   */
  public String address() {
    return podman.check("inspect", "-f", "{{.NetworkSettings.IPAddress}}", name);
  }

  /** The container's name. */
  public String name() {
    return name;
  }

  /** File with root's private key (ed25519, OpenSSH's format); the public one is beside it. */
  public Path key() {
    return folder.resolve("key");
  }

  /** The line that is in root's {@code authorized_keys}. */
  public String publicKey() {
    try {
      return Files.readString(folder.resolve("key.pub")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The host's public ed25519 key: {@code ssh-ed25519 AAAA…}. */
  public String hostKey() {
    String[] words = read("/etc/ssh/ssh_host_ed25519_key.pub").split(" ", 3);
    return words[0] + " " + words[1];
  }

  /** As OpenSSH shows {@link #hostKey}: {@code SHA256:…}. */
  public String fingerprint() {
    return check("ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub").split(" ", 3)[1];
  }

  /** From now on it shows another identity, as another machine at its address would. */
  public void changeHostKeys() {
    check("sh", "-c", "rm /etc/ssh/ssh_host_* && /usr/local/sbin/make-host-keys");
    reboot();
  }

  /** Lets root in with one more key. */
  public void authorize(String publicKeyLine) {
    authorize("/root", "root", publicKeyLine);
  }

  /**
   * An ordinary user who may log in with {@link #key}.
   *
   * @param mayBecomeRoot by sudo, without a password
   */
  public void addUser(String user, boolean mayBecomeRoot) {
    check("useradd", "--create-home", "--shell", "/bin/bash", user);
    authorize("/home/" + user, user, publicKey());
    if (mayBecomeRoot) {
      write("/etc/sudoers.d/" + user, user + " ALL=(ALL) NOPASSWD: ALL\n");
    }
  }

  /** Runs a program as root. */
  public Output run(String... command) {
    return exec("", command);
  }

  /** Runs a program as root; it must succeed. Returns standard output without the last line end. */
  public String check(String... command) {
    Output output = run(command);
    if (!output.succeeded()) {
      throw new AssertionError(
          "on the host, " + String.join(" ", command) + " ended with " + output);
    }
    return output.out().stripTrailing();
  }

  /** The text of a file; there must be one. */
  public String read(String path) {
    return new String(readBytes(path), StandardCharsets.UTF_8);
  }

  /** The content of a file; there must be one. */
  public byte[] readBytes(String path) {
    return Base64.getDecoder().decode(check("base64", "-w0", "--", path));
  }

  public boolean exists(String path) {
    return run("test", "-e", path).succeeded();
  }

  /** Owner, group and mode: {@code root:root 644}. */
  public String access(String path) {
    return check("stat", "-c", "%U:%G %a", "--", path);
  }

  /** Writes a file of root's, mode 0644; its folder must exist. */
  public void write(String path, String text) {
    Output output = exec(text, "sh", "-c", "umask 022 && cat > \"$1\"", "write", path);
    if (!output.succeeded()) {
      throw new AssertionError("on the host, writing " + path + " ended with " + output);
    }
  }

  /** All its processes with their arguments and environments; kernel threads there are none. */
  public List<HostProcess> processes() {
    List<HostProcess> found = new ArrayList<>();
    for (String line : check("sh", "-c", ProcessListing.SCRIPT).lines().toList()) {
      ProcessListing.parse(line).ifPresent(found::add);
    }
    return found;
  }

  /** What a unit logged, oldest first. */
  public String journal(String unit) {
    return check("journalctl", "--no-pager", "-o", "cat", "-u", unit);
  }

  /** Shuts down in order and starts again: files stay, {@code /run} and {@code /tmp} do not. */
  public void reboot() {
    stop();
    startAgain();
  }

  /** Shuts down in order. */
  public void stop() {
    podman.check("stop", "-t", "20", name);
  }

  /** Ends at once, as without power. */
  public void powerOff() {
    podman.check("kill", name);
    Await.until("the host is off", COMMAND_TIME_MAX, () -> !isOn());
  }

  /** After {@link #stop} or {@link #powerOff}, or when somebody shut it down from inside. */
  public void startAgain() {
    podman.check("start", name);
    awaitUp();
  }

  public boolean isOn() {
    return podman.check("inspect", "-f", "{{.State.Running}}", name).equals("true");
  }

  /** Stops all its processes: connections stay half open, and new ones get no answer. */
  public void freeze() {
    podman.check("pause", name);
  }

  /** Ends {@link #freeze}. */
  public void thaw() {
    podman.check("unpause", name);
  }

  @Override
  public void close() {
    podman.run(
        new byte[0],
        Podman.COMMAND_TIME_MAX,
        List.of("rm", "-f", "-v", "-t", "0", "--ignore", name));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int mapped(int guestPort) {
    String mapping = podman.check("port", name, guestPort + "/tcp");
    return Integer.parseInt(mapping.substring(mapping.lastIndexOf(':') + 1).strip());
  }

  private void makeKey() {
    Output output =
        Podman.execute(
            new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key().toString()),
            new byte[0],
            COMMAND_TIME_MAX);
    if (!output.succeeded()) {
      throw new AssertionError("ssh-keygen ended with " + output);
    }
  }

  private void prepare(DebianHostPlan plan) {
    authorize(publicKey());
    plan.authorized.forEach(this::authorize);
    for (String program : plan.without) {
      check("sh", "-c", "rm \"$(command -v \"$1\")\"", "remove", program);
    }
  }

  private void authorize(String home, String user, String publicKeyLine) {
    Output output =
        exec(
            publicKeyLine.strip() + "\n",
            "sh",
            "-c",
            "umask 077; install -d -m 700 -o \"$2\" -g \"$2\" \"$1/.ssh\""
                + " && cat >> \"$1/.ssh/authorized_keys\" && chown \"$2:\" \"$1/.ssh/authorized_keys\"",
            "authorize",
            home,
            user);
    if (!output.succeeded()) {
      throw new AssertionError("on the host, authorizing a key ended with " + output);
    }
  }

  private Output exec(String input, String... command) {
    List<String> arguments = new ArrayList<>(List.of("exec", "-i", name));
    arguments.addAll(List.of(command));
    return podman.run(input.getBytes(StandardCharsets.UTF_8), COMMAND_TIME_MAX, arguments);
  }

  private void awaitUp() {
    int port = sshPort();
    Await.until("the host's SSH answers", BOOT_TIME_MAX, () -> greets(port));
    if (systemd) {
      Await.until(
          "the host has started",
          BOOT_TIME_MAX,
          () -> {
            String state = run("systemctl", "is-system-running", "--wait").out().strip();
            if (state.equals("degraded")) {
              throw new IllegalStateException(
                  "failed units: " + check("systemctl", "--failed", "--plain", "--no-legend"));
            }
            return state.equals("running");
          });
    }
  }

  private static boolean greets(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BANNER_TIME_MAX_MS);
      socket.setSoTimeout(BANNER_TIME_MAX_MS);
      return new String(socket.getInputStream().readNBytes(4), StandardCharsets.US_ASCII)
          .equals("SSH-");
    }
  }
}
