package ai.liberclaw.agent.memory;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Adds lines to {@code memory/MEMORY.md}, whose last state stays beside it. When that file has
 * reached what the model is shown of it, the day's notes take them.
 */
public final class MemoryFile {
  static final String PATH = "memory/MEMORY.md";
  static final String BACKUP = PATH + ".bak";

  /** Of what every turn is shown; more would push out what stands there. */
  private static final int CHARS_MAX = 14_000;

  /** A file that is longer was made by nobody for this purpose. */
  private static final int BYTES_MAX = 1 << 20;

  private static final String HEADING = "## Kept from conversations";

  private final Workspace workspace;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();

  public MemoryFile(Workspace workspace, Clock clock) {
    this.workspace = workspace;
    this.clock = clock;
  }

  /**
   * Adds what does not stand there yet.
   *
   * @param untrusted where the conversation had content from outside from
   * @throws WorkspaceRefusal when the file is not to be written
   */
  void append(List<String> lines, List<String> untrusted) throws IOException {
    LocalDate day = LocalDate.now(clock.withZone(ZoneOffset.UTC));
    lock.lock();
    try {
      byte[] bytes = read(PATH);
      String known = new String(bytes, StandardCharsets.UTF_8);
      String added = added(lines, untrusted, day, facts(known));
      if (added.isEmpty()) {
        return;
      }
      if (known.length() + added.length() <= CHARS_MAX) {
        if (bytes.length > 0) {
          write(BACKUP, bytes, "");
        }
        write(PATH, bytes, section(known) + added);
      } else {
        String notes = "memory/" + day + ".md";
        byte[] noted = read(notes);
        write(notes, noted, section(new String(noted, StandardCharsets.UTF_8)) + added);
      }
    } finally {
      lock.unlock();
    }
  }

  private static String added(
      List<String> lines, List<String> untrusted, LocalDate day, Set<String> known) {
    String mark =
        untrusted.isEmpty()
            ? ""
            : " ("
                + Fact.UNTRUSTED
                + Fact.oneLine(String.join(", ", untrusted), Fact.SOURCE_CHARS_MAX / 2)
                + ")";
    StringBuilder added = new StringBuilder();
    for (String line : lines) {
      if (known.add(normal(line))) {
        added.append("- ").append(day).append(": ").append(line).append(mark).append('\n');
      }
    }
    return added.toString();
  }

  /** What comes between a text and lines to add: nothing when its last section is theirs. */
  private static String section(String known) {
    String end = known.isEmpty() || known.endsWith("\n") ? "" : "\n";
    String last = known.lines().filter(line -> line.startsWith("#")).reduce("", (_, next) -> next);
    return last.strip().equals(HEADING)
        ? end
        : end + (known.isEmpty() ? "" : "\n") + HEADING + "\n\n";
  }

  /** The lines of a text as they compare, without what is put around them here. */
  private static Set<String> facts(String text) {
    return text.lines()
        .map(line -> line.replaceFirst("^- \\d{4}-\\d\\d-\\d\\d: ", ""))
        .map(line -> line.replaceFirst(" \\(" + Fact.UNTRUSTED + ".*", ""))
        .map(MemoryFile::normal)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static String normal(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
  }

  /** As it is, whatever its bytes are; nothing when it is not there. */
  private byte[] read(String path) throws IOException {
    if (!Files.exists(workspace.resolve(path))) {
      return new byte[0];
    }
    try (OpenFile file = workspace.open(path)) {
      if (file.attributes().size() > BYTES_MAX) {
        throw new IOException(path + " is longer than " + BYTES_MAX + " bytes");
      }
      return file.stream().readNBytes(BYTES_MAX);
    }
  }

  private void write(String path, byte[] start, String end) throws IOException {
    try (Draft file = workspace.draftFor(path)) {
      file.out().write(start);
      file.out().write(end.getBytes(StandardCharsets.UTF_8));
      file.moveTo(path);
    }
  }
}
