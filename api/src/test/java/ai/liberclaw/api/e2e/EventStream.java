package ai.liberclaw.api.e2e;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.sse.SseEvent;
import ai.liberclaw.core.sse.SseReader;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The events of one stream, in order, keepalives left out. */
final class EventStream implements AutoCloseable {
  private static final int EVENT_BYTES_MAX = 1 << 20;

  private final SseReader reader;
  private final List<JsonNode> events = new ArrayList<>();

  EventStream(InputStream in) {
    this.reader = new SseReader(in, EVENT_BYTES_MAX);
  }

  /** The next event; null when the stream has ended or was cut. */
  @Nullable JsonNode next() {
    try {
      while (true) {
        SseEvent event = reader.next();
        if (event == null) {
          return null;
        }
        JsonNode json = Json.parse(event.data());
        if (!json.path("type").asText().equals("keepalive")) {
          events.add(json);
          return json;
        }
      }
    } catch (IOException _) {
      return null;
    }
  }

  /** Reads up to the first event that fits; fails when the stream ends before. */
  JsonNode await(Predicate<JsonNode> wanted) {
    JsonNode event;
    while ((event = next()) != null) {
      if (wanted.test(event)) {
        return event;
      }
    }
    throw new AssertionError("the stream ended without the event: " + events);
  }

  /** Reads to the end and returns everything seen. */
  List<JsonNode> toEnd() {
    while (next() != null) {
      // Read on.
    }
    return List.copyOf(events);
  }

  List<JsonNode> soFar() {
    return List.copyOf(events);
  }

  static Predicate<JsonNode> type(String type) {
    return event -> event.path("type").asText().equals(type);
  }

  static List<JsonNode> ofType(List<JsonNode> events, String type) {
    return events.stream().filter(type(type)).toList();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
