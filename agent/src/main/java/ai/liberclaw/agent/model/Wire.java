package ai.liberclaw.agent.model;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;

/**
 * How one provider is spoken to: what goes over its connection and how its answers are read.
 * Attempts, waits and bounds are the same for all and are none of its business.
 */
sealed interface Wire permits OpenAiWire, OllamaWire, AnthropicWire {
  Duration CONNECT_MAX = Duration.ofSeconds(10);

  /** As {@link Model#provider}. */
  String provider();

  URI endpoint();

  /** Headers beside the content type. */
  Map<String, String> headers();

  byte[] body(ModelRequest request, Mode mode);

  /** Whether a 200 of this content type comes in frames; else it is one JSON document. */
  default boolean isFramed(String contentType, Mode mode) {
    return !contentType.contains("json")
        && (mode.streaming() || contentType.contains("event-stream"));
  }

  /** The frames of a stream: server-sent events, unless a provider has its own. */
  default Frames frames(InputStream in, int frameBytesMax) {
    return new SseFrames(in, frameBytesMax);
  }

  /** A new answer, of which nothing has come in. */
  Answer answer(ReplyListener listener);

  /**
   * What a status other than 200 means.
   *
   * @param body its beginning; only judged
   */
  Failure refusal(int status, String body, OptionalLong retryAfterSeconds, Mode mode);

  default Duration connectMax() {
    return CONNECT_MAX;
  }

  /** How long the server may say nothing, where so much is usual. */
  default Duration silenceMax(Duration configured) {
    return configured;
  }

  /** Lets as many calls through at a time as the server can work on; empty: any number. */
  default Optional<Semaphore> turnstile() {
    return Optional.empty();
  }

  /** As {@link Model#windowTokens}. */
  default OptionalInt windowTokens() {
    return OptionalInt.empty();
  }

  /** Whether the model can see, where its server tells. */
  default Optional<Boolean> sees() {
    return Optional.empty();
  }

  /** The JSON documents of a stream, one after the other. */
  interface Frames {
    /** Moves to the next one; false at the end of the stream, where an unfinished one is lost. */
    boolean advance() throws IOException;

    /** UTF-8, valid until the next {@link #advance}. */
    byte[] data();

    /** Bytes of {@link #data} that count. */
    int dataLength();
  }

  /** One answer while it comes in. */
  interface Answer {
    /**
     * Takes in one frame.
     *
     * @param whole the document is all of the answer
     * @throws IOException when it is not JSON of the provider's shape
     */
    void add(byte[] utf8, int length, boolean whole) throws IOException;

    /** The provider's words for why it gave up, for judging only; empty when it did not. */
    Optional<String> error();

    /** All of the reply is there; what may still come is its cost. */
    boolean isFinished();

    /** Nothing more comes. */
    boolean isOver();

    /**
     * The reply, once it is finished.
     *
     * @throws Failure when the provider ended it with a refusal
     */
    Reply finish() throws Failure;
  }
}
