package ai.liberclaw.testkit.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RawSseTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String REQUEST =
      "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

  private final ModelServer server = ModelServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  private RawSse ask(ModelAnswer answer) throws Exception {
    server.enqueue(answer);
    return RawSse.post(URI.create(server.baseUrl() + "/chat/completions"), Map.of(), REQUEST);
  }

  @Test
  void keepsBytesWithoutFramingHoweverTheyAreCut() throws Exception {
    try (RawSse stream = ask(ModelAnswer.chunks("{\"type\":\"a\"}", "ü").withWritesOf(3))) {
      assertEquals("a", stream.next(SOON).type());
      assertEquals("ü", stream.next(SOON).data());
      assertEquals("data: {\"type\":\"a\"}\n\ndata: ü\n\n", stream.bodyText(SOON));
      assertTrue(stream.isComplete());
    }
  }

  @Test
  void tellsWhenEachEventArrived() throws Exception {
    try (RawSse stream = ask(ModelAnswer.chunks("1", "2").withChunkPause(Duration.ofMillis(60)))) {
      long first = stream.next(SOON).arrivedNanos();
      assertTrue(stream.next(SOON).arrivedNanos() - first >= 30_000_000L);
    }
  }

  @Test
  void aMissingEventFailsInTime() throws Exception {
    try (RawSse stream = ask(ModelAnswer.chunks("1", "2").with(ModelAnswer.Break.STALL, 1))) {
      stream.next(SOON);
      assertThrows(AssertionError.class, () -> stream.next(Duration.ofMillis(50)));
    }
  }

  @Test
  void aCutIsSeenByTheServer() throws Exception {
    RawSse stream = ask(ModelAnswer.chunks("1", "2").with(ModelAnswer.Break.STALL, 1));
    stream.next(SOON);
    stream.cut();
    Await.until("no connection", SOON, () -> server.openConnections() == 0);
  }
}
