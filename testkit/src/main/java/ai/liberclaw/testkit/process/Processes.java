package ai.liberclaw.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What runs on this machine, to show that nothing was left over. Reads {@code /proc}: Linux only.
 */
public final class Processes {
  private Processes() {}

  /** Ids of living processes whose arguments or environment hold the text. */
  public static List<Long> mentioning(String text) {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(Path.of("/proc"), entry -> isNumber(entry.getFileName()))) {
      for (Path entry : entries) {
        if (read(entry.resolve("cmdline")).contains(text)
            || read(entry.resolve("environ")).contains(text)) {
          found.add(Long.parseLong(entry.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    found.remove(ProcessHandle.current().pid());
    return found;
  }

  /** The arguments of a process; empty when it is gone or is another user's. */
  public static String arguments(long pid) {
    return read(Path.of("/proc", Long.toString(pid), "cmdline")).replace('\0', ' ').strip();
  }

  /** Resident memory of a process in bytes; 0 when it is gone. */
  public static long residentBytes(long pid) {
    return read(Path.of("/proc", Long.toString(pid), "status"))
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  private static boolean isNumber(Path name) {
    return name.toString().chars().allMatch(Character::isDigit);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      // It ended meanwhile, or is another user's.
      return "";
    }
  }
}
