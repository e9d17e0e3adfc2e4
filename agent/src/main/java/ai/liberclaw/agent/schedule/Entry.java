package ai.liberclaw.agent.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;

/** One object of a list that models and people write by hand; reads it as leniently as is safe. */
final class Entry {
  private static final int ID_LENGTH_MAX = 64;
  private static final int TASK_LENGTH_MAX = 20_000;
  private static final int CHAT_ID_LENGTH_MAX = 500;

  private final ObjectNode json;

  Entry(ObjectNode json) {
    this.json = json;
  }

  /** May become part of a chat's name. */
  String id() throws ScheduleFault {
    String id = required("id", ID_LENGTH_MAX).strip();
    boolean own = id.startsWith("__") || id.startsWith(Watch.ID_PREFIX);
    if (own && !id.equals(Job.HEARTBEAT)) {
      throw new ScheduleFault("'id' must not begin with '__' or '" + Watch.ID_PREFIX + "'");
    }
    if (id.chars().anyMatch(Character::isISOControl)) {
      throw new ScheduleFault("'id' must be one line of plain text");
    }
    return id;
  }

  String task() throws ScheduleFault {
    return required("task", TASK_LENGTH_MAX);
  }

  /** The task of an entry that need not have one. */
  String optionalTask() throws ScheduleFault {
    return text("task", TASK_LENGTH_MAX).orElse("");
  }

  Optional<String> deliverTo() throws ScheduleFault {
    Optional<String> chatId = text("deliver_to", CHAT_ID_LENGTH_MAX).map(String::strip);
    if (chatId.isPresent() && chatId.get().startsWith("__")) {
      throw new ScheduleFault("'deliver_to' must be a chat of a person");
    }
    return chatId;
  }

  String required(String name, int lengthMax) throws ScheduleFault {
    Optional<String> text = text(name, lengthMax);
    if (text.isEmpty()) {
      throw new ScheduleFault("'" + name + "' is missing or empty");
    }
    return text.get();
  }

  /** Not blank; numbers are taken as text. */
  Optional<String> text(String name, int lengthMax) throws ScheduleFault {
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual() && !value.isNumber()) {
      throw new ScheduleFault("'" + name + "' must be text");
    }
    String text = value.asText();
    if (text.length() > lengthMax) {
      throw new ScheduleFault("'" + name + "' is longer than " + lengthMax + " characters");
    }
    return Optional.of(text).filter(t -> !t.isBlank());
  }

  boolean flag(String name, boolean byDefault) throws ScheduleFault {
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return byDefault;
    }
    return switch (value.asText().strip().toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "on" -> true;
      case "false", "0", "no", "off" -> false;
      default -> throw new ScheduleFault("'" + name + "' must be true or false");
    };
  }

  int seconds(String name, int byDefault, int max) throws ScheduleFault {
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return byDefault;
    }
    String text = value.asText().strip();
    if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > max) {
      throw new ScheduleFault("'" + name + "' must be a number of seconds from 0 to " + max);
    }
    return Integer.parseInt(text);
  }
}
