package ai.liberclaw.deploy.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.model.OfflineDemo;
import ai.liberclaw.core.model.OfflineDemo.Answer;
import ai.liberclaw.core.model.OfflineDemo.Call;
import ai.liberclaw.core.model.OfflineDemo.Entry;
import ai.liberclaw.core.secret.Secrets;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The {@link OfflineDemo} as a service that speaks OpenAI's chat completions. */
public final class OfflineCompletions implements DemoModel {
  private static final int ID_BYTES = 12;

  /** What stands for a token where none is counted. */
  private static final int BYTES_PER_TOKEN = 4;

  private final Duration pause;
  private final Clock clock;

  /**
   * @param pause between two pieces of a stream, so that people see the text grow
   */
  public OfflineCompletions(Duration pause, Clock clock) {
    this.pause = pause;
    this.clock = clock;
  }

  @Override
  public UpstreamAnswer answer(byte[] body) {
    JsonNode request = Json.parse(body);
    Answer answer = OfflineDemo.answer(entries(request), tools(request));
    ObjectNode usage = usage(body, answer);
    Envelope envelope =
        new Envelope("chatcmpl-" + Secrets.token(ID_BYTES), clock.instant().getEpochSecond());
    if (!request.path("stream").asBoolean()) {
      ObjectNode whole = envelope.of("chat.completion");
      ObjectNode choice = whole.putArray("choices").addObject().put("index", 0);
      ObjectNode message = choice.putObject("message").put("role", "assistant");
      if (answer.calls().isEmpty()) {
        message.put("content", answer.text());
      } else {
        message.putNull("content");
        calls(message.putArray("tool_calls"), answer.calls(), false);
      }
      choice.put("finish_reason", finish(answer));
      whole.set("usage", usage);
      return answered("application/json", new ByteArrayInputStream(Json.writeBytes(whole)));
    }
    boolean usageAsked = request.path("stream_options").path("include_usage").asBoolean();
    return answered(
        "text/event-stream",
        new Paced(
            events(envelope, answer, usageAsked ? Optional.of(usage) : Optional.empty()), pause));
  }

  private static UpstreamAnswer answered(String type, InputStream body) {
    return new UpstreamAnswer(200, type, Optional.empty(), body, () -> {});
  }

  /** What is the same in all parts of an answer. */
  private record Envelope(String id, long created) {
    ObjectNode of(String object) {
      return Json.object()
          .put("id", id)
          .put("object", object)
          .put("created", created)
          .put("model", OfflineDemo.MODEL);
    }

    private ObjectNode chunk(ObjectNode delta, Optional<String> finish) {
      ObjectNode chunk = of("chat.completion.chunk");
      ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
      choice.set("delta", delta);
      finish.ifPresentOrElse(
          reason -> choice.put("finish_reason", reason), () -> choice.putNull("finish_reason"));
      return chunk;
    }
  }

  private static List<byte[]> events(Envelope envelope, Answer answer, Optional<ObjectNode> usage) {
    List<byte[]> events = new ArrayList<>();
    ObjectNode first = Json.object().put("role", "assistant").put("content", "");
    events.add(event(envelope.chunk(first, Optional.empty())));
    for (String piece : answer.pieces()) {
      events.add(event(envelope.chunk(Json.object().put("content", piece), Optional.empty())));
    }
    if (!answer.calls().isEmpty()) {
      ObjectNode delta = Json.object();
      calls(delta.putArray("tool_calls"), answer.calls(), true);
      events.add(event(envelope.chunk(delta, Optional.empty())));
    }
    events.add(event(envelope.chunk(Json.object(), Optional.of(finish(answer)))));
    usage.ifPresent(counts -> {
      ObjectNode last = envelope.of("chat.completion.chunk");
      last.putArray("choices");
      last.set("usage", counts);
      events.add(event(last));
    });
    events.add("data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII));
    return events;
  }

  private static byte[] event(ObjectNode json) {
    return ("data: " + Json.write(json) + "\n\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String finish(Answer answer) {
    return answer.calls().isEmpty() ? "stop" : "tool_calls";
  }

  private static void calls(ArrayNode array, List<Call> calls, boolean numbered) {
    for (Call call : calls) {
      ObjectNode json = array.addObject();
      if (numbered) {
        json.put("index", array.size() - 1);
      }
      json.put("id", call.id()).put("type", "function");
      json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    }
  }

  private static ObjectNode usage(byte[] body, Answer answer) {
    long prompt = body.length / BYTES_PER_TOKEN;
    long letters = answer.text().length();
    for (Call call : answer.calls()) {
      letters += call.arguments().length();
    }
    long completion = 1 + letters / BYTES_PER_TOKEN;
    return Json.object()
        .put("prompt_tokens", prompt)
        .put("completion_tokens", completion)
        .put("total_tokens", prompt + completion);
  }

  private static List<String> tools(JsonNode request) {
    List<String> names = new ArrayList<>();
    for (JsonNode tool : request.path("tools")) {
      names.add(tool.path("function").path("name").asText());
    }
    return names;
  }

  private static List<Entry> entries(JsonNode request) {
    List<Entry> entries = new ArrayList<>();
    for (JsonNode message : request.path("messages")) {
      entries.add(
          switch (message.path("role").asText()) {
            case "user" -> user(message.path("content"));
            case "assistant" -> assistant(message.path("tool_calls"));
            case "tool" ->
                new Entry.Result(
                    message.path("tool_call_id").asText(), text(message.path("content")));
            default -> new Entry.Rules();
          });
    }
    return entries;
  }

  private static Entry user(JsonNode content) {
    int pictures = 0;
    for (JsonNode part : content) {
      if (part.path("type").asText().equals("image_url")) {
        pictures++;
      }
    }
    return new Entry.User(text(content), pictures);
  }

  private static Entry assistant(JsonNode toolCalls) {
    List<Call> calls = new ArrayList<>();
    for (JsonNode call : toolCalls) {
      JsonNode function = call.path("function");
      calls.add(
          new Call(
              call.path("id").asText(),
              function.path("name").asText(),
              function.path("arguments").asText()));
    }
    return new Entry.Assistant(calls);
  }

  /** A text, or the texts of a list of parts. */
  private static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asText("");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode part : content) {
      if (part.path("type").asText().equals("text")) {
        texts.add(part.path("text").asText());
      }
    }
    return String.join("\n", texts);
  }

  /** Gives one event after the other, with pauses between them. */
  private static final class Paced extends InputStream {
    private final Deque<byte[]> events;
    private final Duration pause;
    private byte[] event = {};
    private int read;

    Paced(List<byte[]> events, Duration pause) {
      this.events = new ArrayDeque<>(events);
      this.pause = pause;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (read == event.length) {
        byte[] next = events.poll();
        if (next == null) {
          return -1;
        }
        rest();
        event = next;
        read = 0;
      }
      int given = Math.min(length, event.length - read);
      System.arraycopy(event, read, buffer, offset, given);
      read += given;
      return given;
    }

    /** Before each but the first, which tells at once that there is an answer. */
    private void rest() throws InterruptedIOException {
      if (event.length > 0 && !pause.isZero()) {
        try {
          Thread.sleep(pause);
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted");
        }
      }
    }
  }
}
