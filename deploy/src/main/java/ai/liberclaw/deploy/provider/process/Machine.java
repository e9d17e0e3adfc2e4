package ai.liberclaw.deploy.provider.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Which machine this is, and which of its starts: process ids mean nothing elsewhere or later.
 *
 * @param id stays for the life of the machine
 * @param boot changes with every start; empty where the system does not tell, there process start
 *     times are absolute
 */
public record Machine(String id, String boot) {
  private static final Path MACHINE_ID = Path.of("/etc/machine-id");
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** Where the system has no id of its own, one is kept in the data directory. */
  public static Machine read(Path dataDir) {
    try {
      String boot = Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "";
      String id = Files.isReadable(MACHINE_ID) ? Files.readString(MACHINE_ID).strip() : "";
      if (id.isEmpty()) {
        Path own = dataDir.resolve("machine-id");
        if (!Files.exists(own)) {
          Files.createDirectories(dataDir);
          Files.writeString(own, UUID.randomUUID().toString());
        }
        id = Files.readString(own).strip();
      }
      return new Machine(id, boot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
