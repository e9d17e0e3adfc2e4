package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A list in the workspace that is edited at any time, by anybody. It is read again when the file
 * has changed. Entries that make no sense are left out and told of; while the whole file makes
 * none, as when it is being written, what it said before still holds.
 */
final class ListFile<T> {
  private static final int BYTES_MAX = 256 * 1024;

  private final Workspace workspace;
  private final String name;
  private final int entriesMax;
  private final Reading<T> reading;
  private final Function<T, String> id;
  private final ReentrantLock lock = new ReentrantLock();
  private Content<T> content = Content.none();
  private @Nullable Stamp read;

  /**
   * What the file says.
   *
   * @param present false when there is no file
   * @param whole false when the file could not be read as a list: the entries are older
   * @param problems one line each
   * @param written when the file was last changed
   */
  record Content<T>(
      boolean present, boolean whole, List<T> entries, List<String> problems, Instant written) {
    static <T> Content<T> none() {
      return new Content<>(false, true, List.of(), List.of(), Instant.EPOCH);
    }
  }

  /** Makes something of one entry. */
  @FunctionalInterface
  interface Reading<T> {
    T of(Entry entry) throws ScheduleFault;
  }

  /**
   * @param id of an entry; the second one of the same id is left out
   */
  ListFile(
      Workspace workspace,
      String name,
      int entriesMax,
      Reading<T> reading,
      Function<T, String> id) {
    this.workspace = workspace;
    this.name = name;
    this.entriesMax = entriesMax;
    this.reading = reading;
    this.id = id;
  }

  Content<T> read() {
    lock.lock();
    try {
      if (!Files.exists(workspace.root().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        read = null;
        content = Content.none();
        return content;
      }
      try (OpenFile file = workspace.open(name)) {
        Stamp stamp = Stamp.of(file.attributes());
        if (!stamp.equals(read)) {
          content = parse(file);
          read = stamp;
        }
      } catch (WorkspaceRefusal e) {
        unreadable(e.text());
      } catch (IOException e) {
        unreadable("it cannot be read");
      }
      return content;
    } finally {
      lock.unlock();
    }
  }

  /** The faults that a list of this kind would have. */
  List<String> problems(JsonNode list) {
    return parse(list, Instant.EPOCH).problems();
  }

  private void unreadable(String why) {
    read = null;
    content =
        new Content<>(
            true,
            false,
            content.entries(),
            List.of(name + ": " + why + "; what it said before still holds"),
            content.written());
  }

  private Content<T> parse(OpenFile file) throws IOException {
    byte[] bytes = file.stream().readNBytes(BYTES_MAX + 1);
    Instant written = file.attributes().lastModifiedTime().toInstant();
    String fault = "";
    if (bytes.length > BYTES_MAX) {
      fault = "it is larger than " + BYTES_MAX + " bytes";
    } else {
      try {
        JsonNode json = Json.parse(bytes);
        JsonNode list = json.isObject() && json.path("jobs").isArray() ? json.path("jobs") : json;
        if (list.isArray()) {
          return parse(list, written);
        }
        fault = "it is not a JSON list";
      } catch (JsonException e) {
        fault = "it is not valid JSON (" + e.getMessage() + ")";
      }
    }
    return new Content<>(
        true,
        false,
        content.entries(),
        List.of(name + ": " + fault + "; what it said before still holds"),
        written);
  }

  private Content<T> parse(JsonNode list, Instant written) {
    List<T> entries = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int number = 0;
    for (JsonNode json : list) {
      number++;
      if (number > entriesMax) {
        problems.add(name + ": only the first " + entriesMax + " entries are used");
        break;
      }
      try {
        if (!(json instanceof ObjectNode object)) {
          throw new ScheduleFault("it is not an object");
        }
        T entry = reading.of(new Entry(object));
        if (!ids.add(id.apply(entry))) {
          throw new ScheduleFault("an entry before it has the same 'id'");
        }
        entries.add(entry);
      } catch (ScheduleFault e) {
        problems.add(name + " entry " + number + label(json) + " is skipped: " + e.text());
      }
    }
    return new Content<>(true, true, List.copyOf(entries), List.copyOf(problems), written);
  }

  private static String label(JsonNode json) {
    String id = json.path("id").asText("");
    return id.isBlank() || id.length() > 64 ? "" : " (" + id.strip() + ")";
  }

  private record Stamp(Instant modified, long bytes, String fileKey) {
    static Stamp of(BasicFileAttributes attributes) {
      return new Stamp(
          attributes.lastModifiedTime().toInstant(),
          attributes.size(),
          String.valueOf(attributes.fileKey()));
    }
  }
}
