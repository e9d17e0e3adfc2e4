package ai.liberclaw.api.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.util.Set;

/** Reads the type of an event from its bytes, without building anything of the rest. */
final class EventType {
  /** What {@link #of} gives for bytes that are not one JSON object. */
  static final String INVALID = "";

  static final String DONE = "done";
  static final String KEEPALIVE = "keepalive";

  /** The types every client of the original can draw. */
  static final Set<String> COMMON = Set.of("text", "tool_use", "file", "error", DONE, KEEPALIVE);

  private static final String UNTYPED = "(none)";
  private static final JsonFactory JSON =
      JsonFactory.builder()
          // Else each virtual thread keeps buffers of its own.
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100).build())
          .build();

  private EventType() {}

  static boolean isCommon(String type) {
    return COMMON.contains(type);
  }

  static String of(byte[] json, int length) {
    String type = EventScan.type(json, length, UNTYPED);
    return type == null ? parsed(json, length) : type;
  }

  /** As {@link #of}, of anything. */
  static String parsed(byte[] json, int length) {
    try (JsonParser parser = JSON.createParser(json, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return INVALID;
      }
      String type = UNTYPED;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean isType = parser.currentName().equals("type");
        JsonToken value = parser.nextToken();
        if (isType && value == JsonToken.VALUE_STRING) {
          type = parser.getText();
        } else {
          parser.skipChildren();
        }
      }
      return parser.nextToken() == null ? type : INVALID;
    } catch (IOException _) {
      return INVALID;
    }
  }
}
