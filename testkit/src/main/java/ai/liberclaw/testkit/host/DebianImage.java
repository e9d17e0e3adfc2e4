package ai.liberclaw.testkit.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image of Debian 12 as a cloud offers it, made by debootstrap. It is named after the hash of
 * its recipe and kept in Podman's storage, so that it is made once per machine and recipe.
 */
final class DebianImage {
  private static final Duration BUILD_TIME_MAX = Duration.ofMinutes(10);
  private static final Duration LOCK_POLL = Duration.ofMillis(200);
  private static final String SUITE = "bookworm";

  /** What Debian's own cloud images have, as far as it matters here. */
  private static final List<String> PACKAGES =
      List.of(
          "systemd",
          "systemd-sysv",
          "libpam-systemd",
          "dbus",
          "dbus-user-session",
          "openssh-server",
          "sudo",
          "procps",
          "iproute2",
          "ca-certificates",
          "curl",
          "zstd",
          // Debian's packet filter, also for containers made of this.
          "nftables");

  /** Runs as root in the new file system. */
  private static final String FINISH =
      """
      set -eu
      # Each machine makes its own keys and id at its first start. RSA is left out: it takes long.
      rm -f /etc/ssh/ssh_host_*
      cat > /usr/local/sbin/make-host-keys <<'END'
      #!/bin/sh
      set -eu
      for type in ed25519 ecdsa; do
        [ -e /etc/ssh/ssh_host_${type}_key ] ||
          ssh-keygen -q -t $type -N '' -f /etc/ssh/ssh_host_${type}_key
      done
      END
      chmod 755 /usr/local/sbin/make-host-keys
      cat > /etc/systemd/system/host-keys.service <<'END'
      [Unit]
      Before=ssh.service
      [Service]
      Type=oneshot
      ExecStart=/usr/local/sbin/make-host-keys
      [Install]
      RequiredBy=ssh.service
      END
      systemctl enable -q host-keys.service
      # Without these no test depends on the weather of a package mirror.
      systemctl mask -q apt-daily.timer apt-daily-upgrade.timer
      # A container has no console and no disk to check or grow.
      systemctl mask -q console-getty.service getty.target systemd-firstboot.service
      : > /etc/machine-id
      rm -f /var/lib/dbus/machine-id
      install -d -m 700 /root/.ssh
      apt-get clean
      rm -rf /var/lib/apt/lists/* /var/log/*.log /var/cache/debconf/*-old
      """;

  /** Runs as root in the new file system, with the packages to add as arguments. */
  private static final String ADD =
      """
      set -eu
      # Nothing is started here.
      printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
      chmod 755 /usr/sbin/policy-rc.d
      export DEBIAN_FRONTEND=noninteractive
      apt-get -q -o Acquire::Retries=3 update < /dev/null
      apt-get -q -y -o Acquire::Retries=3 install --no-install-recommends "$@" < /dev/null
      rm /usr/sbin/policy-rc.d
      """;

  private final Podman podman;
  private final List<String> packages;
  private final List<String> more;

  /**
   * @param more Debian packages beside those every host has
   */
  DebianImage(Podman podman, List<String> more) {
    this.podman = podman;
    this.more = more.stream().sorted().toList();
    List<String> all = new ArrayList<>(PACKAGES);
    all.addAll(this.more);
    this.packages = List.copyOf(all);
  }

  /** The image's name; makes it when there is none, which takes a minute. */
  String ensure() {
    String name = "localhost/liberclaw-debian:" + recipeHash();
    if (exists(name)) {
      return name;
    }
    // One with more packages is made of the one without.
    Optional<String> base =
        more.isEmpty()
            ? Optional.empty()
            : Optional.of(new DebianImage(podman, List.of()).ensure());
    try (FileChannel channel =
            FileChannel.open(
                Podman.FOLDER.resolve("image.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = lock(channel)) {
      if (!exists(name)) {
        build(name, base);
      }
      return name;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean exists(String name) {
    return podman
        .run(new byte[0], Podman.COMMAND_TIME_MAX, List.of("image", "exists", name))
        .succeeded();
  }

  /** Other test runs on this machine may be making the same image. */
  private static FileLock lock(FileChannel channel) throws IOException {
    long deadline = System.nanoTime() + BUILD_TIME_MAX.toNanos();
    while (System.nanoTime() < deadline) {
      FileLock lock = tryLock(channel);
      if (lock != null) {
        return lock;
      }
      try {
        Thread.sleep(LOCK_POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while another run makes the Debian image", e);
      }
    }
    throw new AssertionError("another run did not finish the Debian image in " + BUILD_TIME_MAX);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      // Another thread of this process has it.
      return null;
    }
  }

  private void build(String name, Optional<String> base) throws IOException {
    Path folder = Files.createTempDirectory("liberclaw-debian");
    try {
      Path root = folder.resolve("root");
      if (base.isPresent()) {
        unpack(base.get(), root);
        addPackages(root);
      } else {
        debootstrap(root);
      }
      step(FINISH.getBytes(StandardCharsets.UTF_8), "chroot", root.toString(), "/bin/sh");
      step(
          new byte[0],
          "sh",
          "-c",
          "tar -C \"$1\" --one-file-system --numeric-owner -c . | podman import -q - \"$2\"",
          "import",
          root.toString(),
          name);
    } finally {
      step(new byte[0], "rm", "-rf", "--one-file-system", folder.toString());
    }
  }

  private void unpack(String image, Path root) {
    step(
        new byte[0],
        "sh",
        "-c",
        "set -e; mkdir \"$2\"; id=$(podman create \"$1\" true)"
            + "; podman export -o \"$2.tar\" \"$id\"; podman rm -f \"$id\" > \"$2.id\""
            + "; tar -C \"$2\" --numeric-owner -xf \"$2.tar\"; rm \"$2.tar\""
            + "; cp -L /etc/resolv.conf \"$2/etc/resolv.conf\"",
        "unpack",
        image,
        root.toString());
  }

  private void addPackages(Path root) {
    List<String> command =
        new ArrayList<>(
            List.of(
                // What is mounted and started goes with it.
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "sh",
                "-c",
                "root=$1; shift; mount -t proc proc \"$root/proc\""
                    + " && exec chroot \"$root\" /bin/sh -s -- \"$@\"",
                "add",
                root.toString()));
    command.addAll(more);
    step(ADD.getBytes(StandardCharsets.UTF_8), command.toArray(String[]::new));
  }

  /** Tries twice: mirrors fail for moments. */
  private void debootstrap(Path root) {
    List<String> command =
        List.of(
            "debootstrap",
            "--variant=minbase",
            "--include=" + String.join(",", PACKAGES),
            SUITE,
            root.toString());
    if (!Podman.execute(podman.builder(command), new byte[0], BUILD_TIME_MAX).succeeded()) {
      step(new byte[0], "rm", "-rf", "--one-file-system", root.toString());
      step(new byte[0], command.toArray(String[]::new));
    }
  }

  private void step(byte[] input, String... command) {
    Output output = Podman.execute(podman.builder(List.of(command)), input, BUILD_TIME_MAX);
    if (!output.succeeded()) {
      throw new AssertionError(
          "the Debian image can't be made: " + command[0] + " ended with " + output);
    }
  }

  private String recipeHash() {
    try {
      String added = more.isEmpty() ? "" : ADD;
      byte[] recipe =
          (SUITE + "\n" + packages + "\n" + FINISH + added).getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(recipe);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
