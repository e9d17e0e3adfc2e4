package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.ModelException.ErrorCode;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelAnswer.Break;
import ai.liberclaw.testkit.model.ModelServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** Alone, because it measures how soon things happen. */
@Timeout(20)
@Isolated
class OpenAiModelFailureTest {
  private static final ModelRequest HELLO =
      new ModelRequest(List.of(new Message.User("Hello")), List.of());
  private static final String SENTENCE = "A sentence of several pieces.";

  private final ModelServer server = ModelServer.start();
  private final Recorder heard = new Recorder();
  private final Model model = model(Duration.ofSeconds(10), Duration.ofMillis(400));

  private HttpModel model(Duration timeout, Duration idle) {
    return new HttpModel(
        new OpenAiWire(server.baseUrl(), "sk-secret", "tiny"),
        "tiny",
        new Patience(timeout, idle, 2, Duration.ofMillis(10)));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private ModelException fails(Model asked) {
    return assertThrows(ModelException.class, () -> asked.reply(HELLO, heard));
  }

  @Test
  void brokenAnswersAreDiscardedAndAskedForAgain() throws Exception {
    for (Break how : List.of(Break.CUT, Break.ERROR, Break.MALFORMED, Break.STALL)) {
      int before = server.requests().size();
      Recorder listener = new Recorder();
      server.enqueue(ModelAnswer.text(SENTENCE).with(how, 3), ModelAnswer.text(SENTENCE));
      assertEquals(SENTENCE, model.reply(HELLO, listener).text(), how.name());
      assertEquals(SENTENCE, listener.text(), how.name());
      assertEquals(1, listener.discards(), how.name());
      assertEquals(2, server.requests().size() - before, how.name());
    }
  }

  @Test
  void aStreamWithoutFinishReasonIsAFailure() throws Exception {
    server.enqueue(
        ModelAnswer.chunks("{\"choices\":[{\"delta\":{\"content\":\"half\"}}]}"),
        ModelAnswer.text("whole"));
    assertEquals("whole", model.reply(HELLO, heard).text());
    assertEquals(1, heard.discards());
  }

  @Test
  void aCutWholeCompletionIsAskedForAgain() throws Exception {
    server.enqueue(
        ModelAnswer.completion("{\"choices\":[{\"mess").with(Break.CUT, 0), ModelAnswer.text("ok"));
    assertEquals("ok", model.reply(HELLO, heard).text());
    assertEquals(0, heard.discards());
  }

  @Test
  void afterItsFinishReasonAnAnswerIsWholeEvenWhenCut() throws Exception {
    server.enqueue(
        ModelAnswer.chunks(
                "{\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}",
                "{}")
            .with(Break.CUT, 1));
    assertEquals("all", model.reply(HELLO, heard).text());
  }

  @Test
  void serverFaultsAndRateLimitsAreTriedThreeTimes() {
    for (int status : List.of(429, 500, 503)) {
      int before = server.requests().size();
      for (int i = 0; i < 3; i++) {
        server.enqueue(ModelAnswer.error(status, "{\"error\":\"secret details\"}"));
      }
      ModelException failed = fails(model);
      assertEquals(
          status == 429 ? ErrorCode.INFERENCE_RATE_LIMITED : ErrorCode.INFERENCE_UNAVAILABLE,
          failed.code());
      assertFalse(failed.userMessage().contains("secret"));
      assertEquals(3, server.requests().size() - before);
    }
  }

  @Test
  void otherStatusesFailAtOnceWithTheirCode() {
    for (int status : List.of(400, 401, 403, 404, 422, 302)) {
      int before = server.requests().size();
      server.enqueue(ModelAnswer.error(status, "{\"error\":\"sk-secret http://inner\"}"));
      ModelException failed = fails(model);
      assertEquals(
          status == 401 || status == 403 ? ErrorCode.INFERENCE_AUTH : ErrorCode.INFERENCE_REJECTED,
          failed.code());
      assertFalse(failed.userMessage().contains("sk-secret"));
      assertFalse(failed.userMessage().contains("http:"));
      assertEquals(1, server.requests().size() - before);
    }
  }

  @Test
  void aTooLongConversationIsToldApart() {
    server.enqueue(ModelAnswer.contextOverflow());
    assertEquals(ErrorCode.CONTEXT_OVERFLOW, fails(model).code());
    server.enqueue(ModelAnswer.error(413, "input exceeds the maximum tokens"));
    assertEquals(ErrorCode.CONTEXT_OVERFLOW, fails(model).code());
  }

  @Test
  void retryAfterIsHonoured() throws Exception {
    server.enqueue(
        ModelAnswer.error(429, "").withHeader("Retry-After", "1"), ModelAnswer.text("ok"));
    long start = System.nanoTime();
    assertEquals("ok", model.reply(HELLO, heard).text());
    assertTrue(System.nanoTime() - start >= 1_000_000_000L);
  }

  @Test
  void aWaitBeyondTheWholeCallsBoundIsNotBegun() {
    server.enqueue(ModelAnswer.error(429, "").withHeader("Retry-After", "25"));
    long start = System.nanoTime();
    assertEquals(ErrorCode.INFERENCE_RATE_LIMITED, fails(model).code());
    assertTrue(System.nanoTime() - start < 3_000_000_000L);
  }

  @Test
  void aServerThatRefusesStreamingIsAskedWithoutFromThenOn() throws Exception {
    server.respond(request ->
        request.has("stream")
            ? ModelAnswer.error(422, "{\"detail\":\"unknown field stream_options\"}")
            : ModelAnswer.text("plain").asJson());
    assertEquals("plain", model.reply(HELLO, heard).text());
    assertEquals("plain", model.reply(HELLO, heard).text());
    assertEquals(3, server.requests().size());
  }

  @Test
  void w37SilenceIsATimeout() {
    server.respond(_ -> ModelAnswer.text(SENTENCE).with(Break.STALL, 2));
    ModelException failed = fails(model(Duration.ofSeconds(10), Duration.ofMillis(100)));
    assertEquals(ErrorCode.INFERENCE_TIMEOUT, failed.code());
    assertEquals("The AI model took too long to respond. Please try again.", failed.userMessage());
    assertEquals(3, server.requests().size());
    Await.until("no connection", Duration.ofSeconds(5), () -> server.openConnections() == 0);
  }

  @Test
  void w12TheWholeCallIsBoundedEvenWhenBytesDrip() {
    server.respond(_ -> ModelAnswer.text("x".repeat(500)).withChunkPause(Duration.ofMillis(50)));
    long start = System.nanoTime();
    ModelException failed = fails(model(Duration.ofMillis(500), Duration.ofSeconds(5)));
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertEquals(ErrorCode.INFERENCE_TIMEOUT, failed.code());
    assertTrue(millis >= 500 && millis < 1500, millis + " ms");
    assertEquals(1, heard.discards());
    Await.until("no connection", Duration.ofSeconds(5), () -> server.openConnections() == 0);
  }

  @Test
  void nobodyListeningIsUnavailable() {
    server.close();
    assertEquals(ErrorCode.INFERENCE_UNAVAILABLE, fails(model).code());
  }

  @Test
  void anAnswerOverTheLimitIsRefused() {
    server.enqueue(ModelAnswer.completion("\"" + "x".repeat(17 * 1024 * 1024) + "\""));
    ModelException failed = fails(model(Duration.ofSeconds(15), Duration.ofSeconds(5)));
    assertEquals("The AI model's answer was larger than 16 MiB.", failed.userMessage());
  }

  @Test
  void anInterruptEndsTheCallAndItsConnectionAtOnce() throws Exception {
    server.respond(_ -> ModelAnswer.text(SENTENCE).with(Break.STALL, 3));
    Model patient = model(Duration.ofSeconds(60), Duration.ofSeconds(60));
    for (Thread.Builder kind : List.of(Thread.ofVirtual(), Thread.ofPlatform())) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicLong ended = new AtomicLong();
      Recorder listener = new Recorder();
      Thread turn =
          kind.start(() -> {
            try {
              patient.reply(HELLO, listener);
            } catch (ModelException | InterruptedException e) {
              thrown.set(e);
            }
            ended.set(System.nanoTime());
          });
      Await.until("text", Duration.ofSeconds(5), () -> !listener.deltas.isEmpty());
      long interrupted = System.nanoTime();
      turn.interrupt();
      assertTrue(turn.join(Duration.ofSeconds(5)));
      assertTrue(thrown.get() instanceof InterruptedException, String.valueOf(thrown.get()));
      assertTrue(ended.get() - interrupted < 500_000_000L);
      Await.until("no connection", Duration.ofSeconds(1), () -> server.openConnections() == 0);
    }
  }

  @Test
  void anInterruptEndsTheWaitForARetry() throws Exception {
    server.respond(_ -> ModelAnswer.error(429, "").withHeader("Retry-After", "8"));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread turn =
        Thread.ofVirtual()
            .start(() -> {
              try {
                model.reply(HELLO, heard);
              } catch (ModelException | InterruptedException e) {
                thrown.set(e);
              }
            });
    Await.until("a request", Duration.ofSeconds(5), () -> !server.requests().isEmpty());
    turn.interrupt();
    assertTrue(turn.join(Duration.ofSeconds(2)));
    assertTrue(thrown.get() instanceof InterruptedException);
  }

  @Test
  void aFaultOfTheListenerIsNotTakenForOneOfTheProvider() {
    server.respond(_ -> ModelAnswer.text(SENTENCE));
    ReplyListener broken =
        new ReplyListener() {
          @Override
          public void textDelta(String delta) {
            throw new IllegalStateException("full");
          }

          @Override
          public void discarded() {}
        };
    assertThrows(IllegalStateException.class, () -> model.reply(HELLO, broken));
    assertEquals(1, server.requests().size());
  }
}
