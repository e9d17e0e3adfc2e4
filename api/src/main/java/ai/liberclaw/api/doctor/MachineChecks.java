package ai.liberclaw.api.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the machine gives to the server. */
public final class MachineChecks {
  static final int JAVA_MIN = 25;

  /** A stream takes two: one to the client, one to the agent. */
  static final long DESCRIPTORS_MIN = 4096;

  static final long DESCRIPTORS_GOOD = 16_384;

  private static final long MIB = 1024 * 1024;
  static final long DISK_BYTES_MIN = 512 * MIB;
  static final long DISK_BYTES_GOOD = 4096 * MIB;

  private MachineChecks() {}

  public static List<Check> all(Path dataDir, Path settingsFile, Map<String, String> environment) {
    return List.of(
        new Check("java", () -> List.of(java(Runtime.version().feature()))),
        new Check("descriptors", () -> List.of(descriptors(descriptorsMax()))),
        new Check("disk", () -> disk(dataDir)),
        new Check("files", () -> List.of(settingsFile(settingsFile))),
        new Check("sandbox", () -> List.of(sandbox(environment.getOrDefault("PATH", "")))));
  }

  static Finding java(int version) {
    return version >= JAVA_MIN
        ? Finding.ok("Java " + version)
        : Finding.fail("Java " + version, "LiberClaw needs Java " + JAVA_MIN + " or newer.");
  }

  private static long descriptorsMax() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  static Finding descriptors(long max) {
    String text = "at most " + max + " open files";
    String advice =
        "Each stream takes two. Raise the limit: LimitNOFILE=65536 in the unit, or ulimit -n.";
    if (max < DESCRIPTORS_MIN) {
      return Finding.fail(text, advice);
    }
    return max < DESCRIPTORS_GOOD ? Finding.warn(text, advice) : Finding.ok(text);
  }

  static List<Finding> disk(Path dataDir) {
    List<Finding> findings = new ArrayList<>();
    try {
      // Asking for permissions says nothing of a file system that is full or read-only.
      Files.delete(Files.createTempFile(existing(dataDir), ".writable-", ""));
      FileStore store = Files.getFileStore(existing(dataDir));
      findings.add(space(store.getUsableSpace(), store.getTotalSpace()));
    } catch (IOException e) {
      findings.add(
          Finding.fail(
              "LIBERCLAW_DATA_DIR cannot be written: " + e.getClass().getSimpleName(),
              "Give it to the user the server runs as, or name another directory."));
    }
    return findings;
  }

  /** The server makes the directory itself; what counts is where. */
  private static Path existing(Path directory) {
    Path at = directory.toAbsolutePath().normalize();
    while (!Files.isDirectory(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }

  static Finding space(long free, long total) {
    String text = "%d MiB of %d MiB free".formatted(free / MIB, total / MIB);
    String advice = "Agents and the database stop working on a full disk. Make room.";
    if (free < DISK_BYTES_MIN) {
      return Finding.fail(text, advice);
    }
    return free < DISK_BYTES_GOOD ? Finding.warn(text, advice) : Finding.ok(text);
  }

  static Finding settingsFile(Path file) {
    if (!Files.isRegularFile(file)) {
      return Finding.ok("no .env file in the working directory");
    }
    try {
      Set<PosixFilePermission> open = Files.getPosixFilePermissions(file);
      open.retainAll(Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ));
      return open.isEmpty()
          ? Finding.ok("the .env file is its owner's alone")
          : Finding.warn("the .env file holds secrets and others may read it", "chmod 600 " + file);
    } catch (IOException | UnsupportedOperationException e) {
      return Finding.skip("permissions of the .env file: " + e.getClass().getSimpleName());
    }
  }

  static Finding sandbox(String path) {
    for (String folder : path.split(":", -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, "bwrap"))) {
        return Finding.ok("bubblewrap is there");
      }
    }
    return Finding.warn(
        "bubblewrap is not installed",
        "Tools of agents on this machine run without their box: apt-get install bubblewrap");
  }
}
