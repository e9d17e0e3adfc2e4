package ai.liberclaw.api.chat;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds an event's type without allocating anything that stays: a parser for each event is a third
 * of what relaying it allocates. Says nothing of events that are out of the ordinary, such as those
 * with other than ASCII characters; what it does say is what a parser would (RFC 8259).
 */
final class EventScan {
  private static final int DEPTH_MAX = 50;
  private static final int NUMBER_BYTES_MAX = 100;
  private static final int NAME_BYTES_MAX = 1000;
  private static final byte[] TYPE = "\"type\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ESCAPED = "\"\\/bfnrt".getBytes(StandardCharsets.US_ASCII);

  private final byte[] json;
  private final int length;
  private int at;

  private EventScan(byte[] json, int length) {
    this.json = json;
    this.length = length;
  }

  /**
   * The type of one JSON object.
   *
   * @param untyped for an object without a type that is a string
   * @return null when only a parser can tell
   */
  static @Nullable String type(byte[] json, int length, String untyped) {
    return new EventScan(json, length).object(untyped);
  }

  private @Nullable String object(String untyped) {
    String type = untyped;
    if (!took('{')) {
      return null;
    }
    if (!took('}')) {
      do {
        blank();
        int name = at;
        if (!string() || at - name > NAME_BYTES_MAX || escaped(name)) {
          return null;
        }
        boolean isType = is(name, TYPE) && at - name == TYPE.length;
        if (!took(':')) {
          return null;
        }
        blank();
        int value = at;
        if (!value(1)) {
          return null;
        }
        if (isType && json[value] == '"') {
          if (escaped(value)) {
            return null;
          }
          type = known(value + 1, at - 1);
        }
      } while (took(','));
      if (!took('}')) {
        return null;
      }
    }
    blank();
    return at == length ? type : null;
  }

  private String known(int from, int to) {
    for (String type : EventType.COMMON) {
      if (type.length() == to - from && is(from, type)) {
        return type;
      }
    }
    return new String(json, from, to - from, StandardCharsets.US_ASCII);
  }

  private boolean is(int from, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (json[from + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean is(int from, byte[] text) {
    if (length - from < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      if (json[from + i] != text[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean escaped(int from) {
    for (int i = from; i < at; i++) {
      if (json[i] == '\\') {
        return true;
      }
    }
    return false;
  }

  private boolean value(int depth) {
    if (at == length || depth > DEPTH_MAX) {
      return false;
    }
    return switch (json[at]) {
      case '"' -> string();
      case '{' -> members(depth);
      case '[' -> elements(depth);
      case 't' -> literal(TRUE);
      case 'f' -> literal(FALSE);
      case 'n' -> literal(NULL);
      default -> number();
    };
  }

  private boolean members(int depth) {
    at++;
    if (took('}')) {
      return true;
    }
    do {
      blank();
      int name = at;
      if (!string() || at - name > NAME_BYTES_MAX || !took(':')) {
        return false;
      }
      blank();
      if (!value(depth + 1)) {
        return false;
      }
    } while (took(','));
    return took('}');
  }

  private boolean elements(int depth) {
    at++;
    if (took(']')) {
      return true;
    }
    do {
      blank();
      if (!value(depth + 1)) {
        return false;
      }
    } while (took(','));
    return took(']');
  }

  private boolean string() {
    if (at == length || json[at] != '"') {
      return false;
    }
    at++;
    while (at < length) {
      byte next = json[at++];
      if (next == '"') {
        return true;
      }
      // Bytes of other than ASCII are negative.
      if (next < ' ' || (next == '\\' && !escape())) {
        return false;
      }
    }
    return false;
  }

  private boolean escape() {
    if (at == length) {
      return false;
    }
    byte kind = json[at++];
    if (kind != 'u') {
      for (byte simple : ESCAPED) {
        if (kind == simple) {
          return true;
        }
      }
      return false;
    }
    for (int i = 0; i < 4; i++) {
      if (at == length || Character.digit(json[at++], 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private boolean number() {
    int from = at;
    if (json[at] == '-') {
      at++;
    }
    if (at < length && json[at] == '0') {
      at++;
    } else if (!digits()) {
      return false;
    }
    if (at < length && json[at] == '.') {
      at++;
      if (!digits()) {
        return false;
      }
    }
    if (at < length && (json[at] | 0x20) == 'e') {
      at++;
      if (at < length && (json[at] == '+' || json[at] == '-')) {
        at++;
      }
      if (!digits()) {
        return false;
      }
    }
    return at - from <= NUMBER_BYTES_MAX;
  }

  private boolean digits() {
    int from = at;
    while (at < length && json[at] >= '0' && json[at] <= '9') {
      at++;
    }
    return at > from;
  }

  private boolean literal(byte[] text) {
    if (!is(at, text)) {
      return false;
    }
    at += text.length;
    return true;
  }

  /** Whether this follows, blanks aside; goes past it. */
  private boolean took(char wanted) {
    blank();
    if (at < length && json[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void blank() {
    while (at < length
        && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
      at++;
    }
  }
}
