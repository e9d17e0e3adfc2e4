package ai.liberclaw.agent.todo;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code TODO.json}: a list of items, which the agent, its owner and a text editor may all
 * change. It is read anew each time, and written in one move; changes made here never get lost to
 * each other.
 */
public final class TodoList {
  public static final String FILE = "TODO.json";
  public static final int ITEMS_MAX = 500;
  public static final int TITLE_LENGTH_MAX = 500;
  public static final int NOTES_LENGTH_MAX = 2_000;

  /** What {@link #activeText} holds at most. */
  public static final int ACTIVE_ITEMS_MAX = 25;

  public static final int ACTIVE_LENGTH_MAX = 4_000;
  private static final int FILE_BYTES_MAX = 2 << 20;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx");

  private final Workspace workspace;
  private final Clock clock;

  public TodoList(Workspace workspace, Clock clock) {
    this.workspace = workspace;
    this.clock = clock;
  }

  /** The list cannot be used as asked; the message says what to do. */
  public static final class Fault extends Exception {
    Fault(String message) {
      super(message, null, false, false);
    }

    public String text() {
      return String.valueOf(getMessage());
    }
  }

  /** What to set in an item; empty leaves a field as it is. */
  public record Change(
      Optional<String> title,
      Optional<TodoItem.Status> status,
      Optional<TodoItem.Priority> priority,
      Optional<String> notes) {}

  /** All items in the order of the file; none when there is no file. */
  public List<TodoItem> items() throws IOException, Fault {
    return load();
  }

  /**
   * What is still to be done, one line each, for the model: what is in progress first. Empty when
   * there is nothing or the file cannot be read.
   */
  public String activeText() {
    List<TodoItem> active;
    try {
      active =
          load().stream()
              .filter(TodoItem::active)
              .sorted(Comparator.comparing(i -> i.status() != TodoItem.Status.IN_PROGRESS))
              .toList();
    } catch (IOException | Fault | WorkspaceRefusal _) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    int shown = 0;
    for (TodoItem item : active) {
      String line = item.line().replaceAll("[\\r\\n]+", " ") + "\n";
      if (shown == ACTIVE_ITEMS_MAX || text.length() + line.length() > ACTIVE_LENGTH_MAX - 60) {
        text.append("[").append(active.size() - shown).append(" more in ").append(FILE).append("]");
        break;
      }
      text.append(line);
      shown++;
    }
    return text.toString().strip();
  }

  /** Adds an item at the end. */
  public TodoItem add(String title, Change details)
      throws IOException, InterruptedException, Fault {
    check(title, TITLE_LENGTH_MAX, "title");
    return change(items -> {
      if (items.size() >= ITEMS_MAX) {
        throw new Fault(
            "the list is full (max " + ITEMS_MAX + " items); delete what is done first");
      }
      TodoItem item =
          changed(
              new TodoItem(
                  freeId(items),
                  title,
                  TodoItem.Status.PENDING,
                  TodoItem.Priority.MEDIUM,
                  now(),
                  Optional.empty(),
                  ""),
              details);
      items.add(item);
      return item;
    });
  }

  /** Changes an item. */
  public TodoItem update(String id, Change change) throws IOException, InterruptedException, Fault {
    return change(items -> {
      int at = find(items, id);
      items.set(at, changed(items.get(at), change));
      return items.get(at);
    });
  }

  /** Takes an item off the list. */
  public TodoItem delete(String id) throws IOException, InterruptedException, Fault {
    return change(items -> items.remove(find(items, id)));
  }

  private interface Step {
    TodoItem on(List<TodoItem> items) throws Fault;
  }

  private TodoItem change(Step step) throws IOException, InterruptedException, Fault {
    return workspace.changing(() -> {
      List<TodoItem> items = load();
      TodoItem item = step.on(items);
      ArrayNode json = Json.array();
      items.forEach(i -> json.add(i.json()));
      try (Draft file = workspace.draftFor(FILE)) {
        file.out().write((Json.writePretty(json) + "\n").getBytes(StandardCharsets.UTF_8));
        file.moveTo(FILE);
      }
      return item;
    });
  }

  private static int find(List<TodoItem> items, String id) throws Fault {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).id().equals(id)) {
        return i;
      }
    }
    throw new Fault(
        items.isEmpty()
            ? "no item '" + id + "': the list is empty"
            : "no item '"
                + id
                + "'; the list has "
                + String.join(
                    ", ", items.stream().map(TodoItem::id).limit(ACTIVE_ITEMS_MAX).toList()));
  }

  private TodoItem changed(TodoItem item, Change change) throws Fault {
    if (change.title().isPresent()) {
      check(change.title().get(), TITLE_LENGTH_MAX, "title");
    }
    if (change.notes().isPresent() && change.notes().get().length() > NOTES_LENGTH_MAX) {
      throw new Fault("notes are too long (max " + NOTES_LENGTH_MAX + " characters)");
    }
    TodoItem.Status status = change.status().orElse(item.status());
    Optional<String> completed =
        status == TodoItem.Status.DONE
            ? item.completedAt().or(() -> Optional.of(now()))
            : Optional.empty();
    return new TodoItem(
        item.id(),
        change.title().orElse(item.title()),
        status,
        change.priority().orElse(item.priority()),
        item.createdAt(),
        completed,
        change.notes().orElse(item.notes()));
  }

  private static void check(String text, int lengthMax, String name) throws Fault {
    if (text.isBlank()) {
      throw new Fault("the " + name + " must not be empty");
    }
    if (text.length() > lengthMax) {
      throw new Fault(
          "the " + name + " is too long (max " + lengthMax + " characters); use notes for details");
    }
  }

  private static String freeId(List<TodoItem> items) {
    long highest = 0;
    for (TodoItem item : items) {
      if (item.id().matches("[0-9]{1,9}")) {
        highest = Math.max(highest, Long.parseLong(item.id()));
      }
    }
    return Long.toString(highest + 1);
  }

  private List<TodoItem> load() throws IOException, Fault {
    if (!Files.exists(workspace.resolve(FILE))) {
      return new ArrayList<>();
    }
    byte[] bytes;
    try (OpenFile file = workspace.open(FILE);
        InputStream in = file.stream()) {
      bytes = in.readNBytes(FILE_BYTES_MAX + 1);
    }
    if (bytes.length > FILE_BYTES_MAX) {
      throw new Fault(FILE + " is too large (max " + FILE_BYTES_MAX + " bytes)");
    }
    List<TodoItem> items = new ArrayList<>();
    for (JsonNode node : parse(bytes)) {
      items.add(
          TodoItem.of(node)
              .orElseThrow(() ->
                  new Fault(
                      "an entry of "
                          + FILE
                          + " has no id or no title; repair it with read_file and edit_file")));
    }
    return items;
  }

  private static ArrayNode parse(byte[] bytes) throws Fault {
    if (new String(bytes, StandardCharsets.UTF_8).isBlank()) {
      return Json.array();
    }
    try {
      if (Json.parse(bytes) instanceof ArrayNode list) {
        return list;
      }
    } catch (JsonException _) {
      // Said below.
    }
    throw new Fault(FILE + " is no JSON list; repair it with write_file, or delete it");
  }

  private String now() {
    return OffsetDateTime.now(clock.withZone(ZoneOffset.UTC)).format(TIME);
  }
}
