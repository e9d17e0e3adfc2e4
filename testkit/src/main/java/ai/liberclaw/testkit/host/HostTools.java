package ai.liberclaw.testkit.host;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether this machine can run Debian hosts and containers. */
public final class HostTools {
  private static final List<String> NEEDED =
      List.of("podman", "debootstrap", "tar", "chroot", "ssh-keygen");

  private HostTools() {}

  /**
   * Why hosts can't be started here, in one line that says what to install; empty when they can.
   */
  public static Optional<String> problem() {
    if (!System.getProperty("user.name").equals("root")) {
      return Optional.of("tests on hosts want root");
    }
    List<String> missing = NEEDED.stream().filter(tool -> find(tool).isEmpty()).toList();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "tests on hosts want "
                + String.join(", ", missing)
                + ": apt-get install podman runc conmon netavark aardvark-dns iptables catatonit"
                + " debootstrap openssh-client");
  }

  /** Whether a continuous-integration service runs this, where nothing may be skipped. */
  public static boolean inCi() {
    String ci = System.getenv("CI");
    return ci != null && !ci.isEmpty() && !ci.equals("false");
  }

  static Optional<Path> find(String program) {
    // Some root shells lack the sbin folders, where debootstrap and chroot are.
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin";
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
