package ai.liberclaw.agent.todo;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One thing to do.
 *
 * @param id unique in its list
 * @param createdAt ISO-8601 with offset; empty where a hand-written file says nothing
 * @param completedAt set while it is done
 */
public record TodoItem(
    String id,
    String title,
    Status status,
    Priority priority,
    String createdAt,
    Optional<String> completedAt,
    String notes) {
  /** How far it is. */
  public enum Status {
    PENDING,
    IN_PROGRESS,
    DONE;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Empty for a name that is none. */
    public static Optional<Status> of(String name) {
      return Stream.of(values()).filter(s -> s.wireName().equals(name)).findFirst();
    }
  }

  /** How much it matters. */
  public enum Priority {
    LOW,
    MEDIUM,
    HIGH;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Empty for a name that is none. */
    public static Optional<Priority> of(String name) {
      return Stream.of(values()).filter(p -> p.wireName().equals(name)).findFirst();
    }
  }

  /** Whether it is still to be done. */
  public boolean active() {
    return status != Status.DONE;
  }

  /** One line for the model, such as {@code 3. [pending] (high) Call the bank: about the card}. */
  public String line() {
    return id
        + ". ["
        + status.wireName()
        + "] ("
        + priority.wireName()
        + ") "
        + title
        + (notes.isEmpty() ? "" : ": " + notes);
  }

  /** As the file has it; empty for what is no item. */
  static Optional<TodoItem> of(JsonNode node) {
    String id = node.path("id").asText();
    String title = node.path("title").asText();
    if (!node.isObject() || id.isEmpty() || title.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new TodoItem(
            id,
            title,
            Status.of(node.path("status").asText()).orElse(Status.PENDING),
            Priority.of(node.path("priority").asText()).orElse(Priority.MEDIUM),
            text(node, "created_at"),
            Optional.of(text(node, "completed_at")).filter(t -> !t.isEmpty()),
            text(node, "notes")));
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isNull() ? "" : value.asText();
  }

  ObjectNode json() {
    return Json.object()
        .put("id", id)
        .put("title", title)
        .put("status", status.wireName())
        .put("priority", priority.wireName())
        .put("created_at", createdAt)
        .put("completed_at", completedAt.orElse(null))
        .put("notes", notes);
  }
}
