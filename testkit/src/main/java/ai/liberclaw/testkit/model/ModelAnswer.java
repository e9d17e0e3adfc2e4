package ai.liberclaw.testkit.model;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One answer of a {@link ModelServer}. A plain one streams its text, then its calls, a finish
 * reason, the usage and {@code [DONE]}; each {@code with…} method makes a copy that differs or
 * misbehaves in one point.
 */
public record ModelAnswer(
    int status,
    Map<String, String> headers,
    String body,
    List<String> chunks,
    String text,
    List<Call> calls,
    String finishReason,
    Manner manner,
    Duration headPause,
    Duration chunkPause,
    Break breaks,
    int breakAfter) {
  /** One tool call; the arguments are sent as they are written here. */
  public record Call(String id, String name, String arguments) {}

  /** How the answer is put on the wire. */
  public record Manner(
      boolean json,
      boolean crlf,
      boolean done,
      boolean oddCalls,
      int writeBytes,
      boolean chunked) {}

  /** What happens after a number of events. */
  public enum Break {
    NOTHING,
    /** The connection is closed without an end. */
    CUT,
    /** The same after a number of bytes instead of events, wherever that is. */
    CUT_AT_BYTE,
    /** Nothing more comes, the connection stays open. */
    STALL,
    /** An error instead of the next event. */
    ERROR,
    /** Half a JSON object instead of the next event. */
    MALFORMED,
  }

  public ModelAnswer {
    headers = Map.copyOf(headers);
    chunks = List.copyOf(chunks);
    calls = List.copyOf(calls);
  }

  private static final Manner PLAIN = new Manner(false, false, true, false, 0, true);

  private static ModelAnswer plain(String text, List<Call> calls) {
    return new ModelAnswer(
        200,
        Map.of(),
        "",
        List.of(),
        text,
        calls,
        calls.isEmpty() ? "stop" : "tool_calls",
        PLAIN,
        Duration.ZERO,
        Duration.ZERO,
        Break.NOTHING,
        0);
  }

  public static ModelAnswer text(String text) {
    return plain(text, List.of());
  }

  /** One call with an id of its own. */
  public static ModelAnswer call(String name, String arguments) {
    return plain("", List.of(new Call(ModelServer.callId(), name, arguments)));
  }

  public static ModelAnswer calls(Call... calls) {
    return plain("", List.of(calls));
  }

  public static ModelAnswer textAndCalls(String text, Call... calls) {
    return plain(text, List.of(calls));
  }

  /** Neither text nor calls. */
  public static ModelAnswer empty() {
    return text("");
  }

  /** An HTTP error with this body. */
  public static ModelAnswer error(int status, String body) {
    return text("").with(status, body);
  }

  /** 400 as a server answers a prompt that is longer than its context. */
  public static ModelAnswer contextOverflow() {
    return error(
        400,
        "{\"error\":{\"message\":\"This model's maximum context length is 4096 tokens\","
            + "\"code\":\"context_length_exceeded\"}}");
  }

  /** A stream of exactly these data lines; no usage and no {@code [DONE]} unless among them. */
  public static ModelAnswer chunks(String... chunks) {
    return new ModelAnswer(
        200,
        Map.of(),
        "",
        List.of(chunks),
        "",
        List.of(),
        "",
        PLAIN,
        Duration.ZERO,
        Duration.ZERO,
        Break.NOTHING,
        0);
  }

  /** A 200 with this JSON as the whole completion. */
  public static ModelAnswer completion(String json) {
    return text("").with(200, json);
  }

  private ModelAnswer with(int newStatus, String newBody) {
    return new ModelAnswer(
        newStatus,
        headers,
        newBody,
        chunks,
        text,
        calls,
        finishReason,
        manner,
        headPause,
        chunkPause,
        breaks,
        breakAfter);
  }

  private ModelAnswer with(Manner newManner) {
    return new ModelAnswer(
        status,
        headers,
        body,
        chunks,
        text,
        calls,
        finishReason,
        newManner,
        headPause,
        chunkPause,
        breaks,
        breakAfter);
  }

  public ModelAnswer withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new ModelAnswer(
        status,
        more,
        body,
        chunks,
        text,
        calls,
        finishReason,
        manner,
        headPause,
        chunkPause,
        breaks,
        breakAfter);
  }

  public ModelAnswer withFinishReason(String reason) {
    return new ModelAnswer(
        status,
        headers,
        body,
        chunks,
        text,
        calls,
        reason,
        manner,
        headPause,
        chunkPause,
        breaks,
        breakAfter);
  }

  /** Waits before the status line. */
  public ModelAnswer withHeadPause(Duration pause) {
    return new ModelAnswer(
        status,
        headers,
        body,
        chunks,
        text,
        calls,
        finishReason,
        manner,
        pause,
        chunkPause,
        breaks,
        breakAfter);
  }

  /** Waits before each event. */
  public ModelAnswer withChunkPause(Duration pause) {
    return new ModelAnswer(
        status,
        headers,
        body,
        chunks,
        text,
        calls,
        finishReason,
        manner,
        headPause,
        pause,
        breaks,
        breakAfter);
  }

  /** Breaks in this way after so many events. */
  public ModelAnswer with(Break how, int afterEvents) {
    return new ModelAnswer(
        status,
        headers,
        body,
        chunks,
        text,
        calls,
        finishReason,
        manner,
        headPause,
        chunkPause,
        how,
        afterEvents);
  }

  /** A whole completion as JSON, even when a stream was asked for. */
  public ModelAnswer asJson() {
    return with(
        new Manner(
            true, manner.crlf, manner.done, manner.oddCalls, manner.writeBytes, manner.chunked));
  }

  /** Lines end in CRLF. */
  public ModelAnswer withCrlf() {
    return with(
        new Manner(
            manner.json, true, manner.done, manner.oddCalls, manner.writeBytes, manner.chunked));
  }

  /** The stream just ends. */
  public ModelAnswer withoutDone() {
    return with(
        new Manner(
            manner.json, manner.crlf, false, manner.oddCalls, manner.writeBytes, manner.chunked));
  }

  /** Calls come in fragments of three characters, interleaved, the name late, the id last. */
  public ModelAnswer withOddCalls() {
    return with(
        new Manner(manner.json, manner.crlf, manner.done, true, manner.writeBytes, manner.chunked));
  }

  /** Every write to the socket has so many bytes, wherever that cuts. */
  public ModelAnswer withWritesOf(int bytes) {
    return with(
        new Manner(manner.json, manner.crlf, manner.done, manner.oddCalls, bytes, manner.chunked));
  }

  /** Neither chunks nor a length: the body ends with the connection. */
  public ModelAnswer withoutFraming() {
    return with(
        new Manner(
            manner.json, manner.crlf, manner.done, manner.oddCalls, manner.writeBytes, false));
  }
}
