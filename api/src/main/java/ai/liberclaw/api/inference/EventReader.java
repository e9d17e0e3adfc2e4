package ai.liberclaw.api.inference;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.budget.TokenUsage;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Optional;

/**
 * Looks at the events of one stream as they pass: which is the last, which says that it failed,
 * which says what it used. Only those of the last kind are ever parsed. For one thread.
 */
abstract sealed class EventReader {
  /** What becomes of an event. */
  enum Sort {
    PASSES,
    /** It was asked for by the gateway, not by the caller. */
    HIDDEN,
    /** The answer is over, and what it used is known if it ever will be. */
    LAST,
    /** The service gave up. */
    FAILED
  }

  private static final byte[] DATA = Bytes.ascii("data:");
  private static final int BYTES_PER_TOKEN = 4;

  private int lengthMin = Integer.MAX_VALUE;
  private int dataFrom;

  /**
   * Looks at one event.
   *
   * @return what becomes of it
   */
  final Sort see(byte[] bytes, int from, int to) {
    dataFrom = data(bytes, from, to);
    return dataFrom < 0 ? Sort.PASSES : look(bytes, dataFrom, to);
  }

  /** Tokens that the event just seen probably had: one, and more when it is longer than others. */
  final long tokens(int from, int to) {
    if (dataFrom < 0) {
      return 0;
    }
    lengthMin = Math.min(lengthMin, to - from);
    return 1L + (to - from - lengthMin) / BYTES_PER_TOKEN;
  }

  abstract Sort look(byte[] bytes, int from, int to);

  /** What was used; empty when the service has not said it. */
  abstract Optional<TokenUsage> usage();

  /** The data of an event that failed, to judge it by; for nobody's eyes. */
  final byte[] words(byte[] bytes, int to) {
    return Arrays.copyOfRange(bytes, Math.max(0, dataFrom), to);
  }

  /** Where the data of the event's first data line begins; -1 for an event without. */
  private static int data(byte[] bytes, int from, int to) {
    int line = from;
    while (line < to) {
      if (Bytes.startsWith(bytes, line, to, DATA)) {
        return Bytes.skipBlanks(bytes, line + DATA.length, to);
      }
      while (line < to && bytes[line] != '\n' && bytes[line] != '\r') {
        line++;
      }
      line++;
    }
    return -1;
  }

  static TokenUsage usage(long prompt, long cached, long completion) {
    // Counts beyond any sense are the service's mistake, not a reason to lose the call.
    long max = 1_000_000_000L;
    long read = Math.clamp(prompt, 0, max);
    return new TokenUsage(read, Math.clamp(cached, 0, read), Math.clamp(completion, 0, max));
  }

  /** OpenAI's chunks. */
  static final class OfOpenAi extends EventReader {
    private static final byte[] DONE = Bytes.ascii("[DONE]");
    private static final byte[] ERROR = Bytes.ascii("\"error\"");
    private static final byte[] USAGE = Bytes.ascii("\"usage\"");
    private static final byte[] CHOICES = Bytes.ascii("\"choices\"");
    private static final byte[] OBJECT = Bytes.ascii("{");
    private static final byte[] NOTHING = Bytes.ascii("[]");

    private final boolean hidesUsage;
    private byte[] last = new byte[0];

    /**
     * @param hidesUsage the caller did not ask for the chunk that has the usage alone
     */
    OfOpenAi(boolean hidesUsage) {
      this.hidesUsage = hidesUsage;
    }

    @Override
    Sort look(byte[] bytes, int from, int to) {
      if (Bytes.startsWith(bytes, from, to, DONE)) {
        return Sort.LAST;
      }
      if (bytes[from] == '{') {
        int name = Bytes.skipBlanks(bytes, from + 1, to);
        if (Bytes.startsWith(bytes, name, to, ERROR)) {
          return Sort.FAILED;
        }
      }
      if (!Bytes.hasMember(bytes, from, to, USAGE, OBJECT)) {
        return Sort.PASSES;
      }
      last = Arrays.copyOfRange(bytes, from, to);
      boolean alone = Bytes.hasMember(bytes, from, to, CHOICES, NOTHING);
      return hidesUsage && alone ? Sort.HIDDEN : Sort.PASSES;
    }

    @Override
    Optional<TokenUsage> usage() {
      try {
        return last.length == 0 ? Optional.empty() : of(Json.parse(last).path("usage"));
      } catch (JsonException _) {
        return Optional.empty();
      }
    }

    /** Of a {@code usage} object. */
    static Optional<TokenUsage> of(JsonNode usage) {
      boolean counted = usage.path("prompt_tokens").isIntegralNumber();
      return counted
          ? Optional.of(
              usage(
                  usage.path("prompt_tokens").asLong(),
                  usage.path("prompt_tokens_details").path("cached_tokens").asLong(),
                  usage.path("completion_tokens").asLong()))
          : Optional.empty();
    }
  }

  /** Anthropic's events. */
  static final class OfAnthropic extends EventReader {
    private static final byte[] TYPE = Bytes.ascii("\"type\"");
    private static final byte[] ERROR = Bytes.ascii("\"error\"");
    private static final byte[] START = Bytes.ascii("\"message_start\"");
    private static final byte[] DELTA = Bytes.ascii("\"message_delta\"");
    private static final byte[] STOP = Bytes.ascii("\"message_stop\"");

    private TokenUsage known = TokenUsage.NONE;
    private boolean counted;

    @Override
    Sort look(byte[] bytes, int from, int to) {
      if (Bytes.hasMember(bytes, from, to, TYPE, STOP)) {
        return Sort.LAST;
      }
      boolean start = Bytes.hasMember(bytes, from, to, TYPE, START);
      if (start || Bytes.hasMember(bytes, from, to, TYPE, DELTA)) {
        take(Arrays.copyOfRange(bytes, from, to), start);
        return Sort.PASSES;
      }
      return Bytes.hasMember(bytes, from, to, TYPE, ERROR) ? Sort.FAILED : Sort.PASSES;
    }

    private void take(byte[] data, boolean start) {
      JsonNode usage;
      try {
        JsonNode event = Json.parse(data);
        usage = (start ? event.path("message") : event).path("usage");
      } catch (JsonException _) {
        return;
      }
      if (usage.isObject()) {
        counted = true;
        TokenUsage now = of(usage);
        // Later counts repeat, and add to, those of the start.
        known =
            usage(
                Math.max(known.prompt(), now.prompt()),
                Math.max(known.cached(), now.cached()),
                Math.max(known.completion(), now.completion()));
      }
    }

    @Override
    Optional<TokenUsage> usage() {
      return counted ? Optional.of(known) : Optional.empty();
    }

    /**
     * Of a {@code usage} object. Tokens put into the cache cost a quarter more, so they count so.
     */
    static TokenUsage of(JsonNode usage) {
      long cached = Math.max(0, usage.path("cache_read_input_tokens").asLong());
      long written = Math.max(0, usage.path("cache_creation_input_tokens").asLong());
      long prompt = Math.max(0, usage.path("input_tokens").asLong());
      return usage(
          prompt + cached + (written * 5 + 3) / 4, cached, usage.path("output_tokens").asLong());
    }
  }
}
