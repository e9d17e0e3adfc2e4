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

  private final Podman podman;
  private final List<String> packages;

  /**
   * @param more Debian packages beside those every host has
   */
  DebianImage(Podman podman, List<String> more) {
    this.podman = podman;
    List<String> all = new ArrayList<>(PACKAGES);
    all.addAll(more.stream().sorted().toList());
    this.packages = List.copyOf(all);
  }

  /** The image's name; makes it when there is none, which takes a minute. */
  String ensure() {
    String name = "localhost/liberclaw-debian:" + recipeHash();
    if (exists(name)) {
      return name;
    }
    try (FileChannel channel =
            FileChannel.open(
                Podman.FOLDER.resolve("image.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = lock(channel)) {
      if (!exists(name)) {
        build(name);
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

  private void build(String name) throws IOException {
    Path folder = Files.createTempDirectory("liberclaw-debian");
    try {
      Path root = folder.resolve("root");
      debootstrap(root);
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

  /** Tries twice: mirrors fail for moments. */
  private void debootstrap(Path root) {
    List<String> command =
        List.of(
            "debootstrap",
            "--variant=minbase",
            "--include=" + String.join(",", packages),
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
      byte[] recipe = (SUITE + "\n" + packages + "\n" + FINISH).getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(recipe);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
