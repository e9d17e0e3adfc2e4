package ai.liberclaw.api;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Watches a stream of objects on the bare socket. */
final class FeedReader implements AutoCloseable {
  private static final String EVENT = "(?:id: (?<id>[0-9]+)\n)?data: (?<json>\\{[^\n]*})\n\n";
  private static final String END = ": restarting\nretry: (?<retry>[0-9]+)\n\n";

  /** The whole grammar: events, with an id where they have one, pings, and the word of an end. */
  private static final Pattern BLOCK = Pattern.compile(String.join("|", EVENT, ": ping\n\n", END));

  final ChatClient client;
  private String rest = "";
  int pings;
  long retry;

  record Event(String id, JsonNode json) {
    String metadata(String name) {
      return json.at("/metadata/" + name).asText();
    }
  }

  private FeedReader(ChatClient client) {
    this.client = client;
  }

  /** Opens the public feed, and has it once its head is there. */
  static FeedReader feed(TestApi api, String... lines) throws IOException {
    FeedReader reader =
        new FeedReader(ChatClient.open(api, "GET", "/activity/stream", "-", null, lines));
    reader.client.head();
    return reader;
  }

  static FeedReader open(TestApi api, String path, String token) throws IOException {
    return new FeedReader(ChatClient.open(api, "GET", path, token, null));
  }

  /** The next events, so many, waited for. */
  List<Event> take(int count) throws IOException {
    List<Event> events = new ArrayList<>();
    while (events.size() < count) {
      Event event = next();
      if (event == null) {
        throw new AssertionError("ended after " + events);
      }
      events.add(event);
    }
    return events;
  }

  Event take() throws IOException {
    return take(1).getFirst();
  }

  /** Skips what others did, up to this one. */
  void skipTo(String model) throws IOException {
    while (!take().metadata("model").equals(model)) {
      // Not ours.
    }
  }

  /** All that comes until the proper end. */
  List<Event> toTheEnd() throws IOException {
    List<Event> events = new ArrayList<>();
    for (Event event = next(); event != null; event = next()) {
      events.add(event);
    }
    return events;
  }

  /** Waits for so many pings, whatever is shown before them. */
  void awaitPings(int count) throws IOException {
    while (pings < count) {
      rest += String.valueOf(client.chunk());
      Matcher block = BLOCK.matcher(rest);
      while (block.lookingAt()) {
        pings += block.group("json") == null ? 1 : 0;
        rest = rest.substring(block.end());
        block = BLOCK.matcher(rest);
      }
    }
  }

  /** The next event; null at the end. */
  private @Nullable Event next() throws IOException {
    // Pings alone keep the socket from timing out.
    long deadline = System.nanoTime() + TestApi.DEADLINE.toNanos();
    while (true) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("nothing but pings");
      }
      Matcher block = BLOCK.matcher(rest);
      if (block.lookingAt()) {
        rest = rest.substring(block.end());
        if (block.group("json") != null) {
          return new Event(
              String.valueOf(block.group("id")), Json.parse(String.valueOf(block.group("json"))));
        }
        if (block.group("retry") != null) {
          retry = Long.parseLong(block.group("retry"));
        } else {
          pings++;
        }
        continue;
      }
      if (rest.contains("\n\n")) {
        throw new AssertionError("not the grammar: " + rest);
      }
      String chunk = client.chunk();
      if (chunk == null) {
        return null;
      }
      rest += chunk;
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
