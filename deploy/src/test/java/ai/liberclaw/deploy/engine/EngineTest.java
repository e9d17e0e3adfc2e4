package ai.liberclaw.deploy.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each status of the engine's API means what it should. */
class EngineTest {
  private final FakeEngine fake = new FakeEngine();
  private final Engine engine = new Engine(fake.socket());

  @AfterEach
  void close() {
    fake.close();
  }

  @Test
  void whatIsThereAlreadyOrGoneAlreadyIsSuccess() throws Exception {
    assertTrue(engine.create("a", spec()));
    assertFalse(engine.create("a", spec()), "409: the name is taken");
    engine.start("a");
    engine.start("a");
    engine.stop("a", Duration.ofSeconds(1));
    engine.stop("a", Duration.ofSeconds(1));
    engine.removeContainer("a");
    engine.removeContainer("a");
    engine.stop("a", Duration.ofSeconds(1));
    assertEquals(Optional.empty(), engine.container("a"));
    engine.createNetwork("n", Map.of());
    engine.createNetwork("n", Map.of());
    engine.createVolume("v", Map.of());
    engine.createVolume("v", Map.of());
    engine.removeNetwork("n");
    engine.removeNetwork("n");
    engine.removeVolume("v");
    engine.removeVolume("v");
    assertEquals(List.of(), fake.left());
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 404, 409, 500, 503})
  void aRefusalIsKnownByItsStatus(int status) {
    fake.fault("POST /containers/a/start", new FakeEngine.Fault.Answer(status, "why not"));
    EngineException e = assertThrows(EngineException.class, () -> engine.start("a"));
    assertEquals(status, e.status());
    assertEquals("why not", e.getMessage());
    assertEquals(status == 409 || status >= 500, e.retryable());
  }

  @Test
  void podmansWordForATakenNameIsUnderstood() throws Exception {
    fake.fault(
        "POST /containers/create",
        new FakeEngine.Fault.Answer(500, "creating: the container name \"a\" is already in use"));
    assertFalse(engine.create("a", spec()));
  }

  @Test
  void aCutConnectionIsNoAnswer() {
    fake.fault("GET /volumes", new FakeEngine.Fault.Cut());
    EngineException e = assertThrows(EngineException.class, () -> engine.volumes(List.of()));
    assertEquals(EngineException.NO_ANSWER, e.status());
    assertTrue(e.retryable());
  }

  @Test
  void whatIsNoJsonIsNoAnswer() {
    fake.fault("GET /volumes", new FakeEngine.Fault.Garbage());
    assertEquals(
        EngineException.NO_ANSWER,
        assertThrows(EngineException.class, () -> engine.volumes(List.of())).status());
  }

  @Test
  void aSilentEngineIsWaitedForNoLongerThanAllowed() {
    fake.fault("GET /_ping", new FakeEngine.Fault.Silence());
    long from = System.nanoTime();
    assertTrue(assertThrowsNothing(engine::problem).isPresent());
    assertTrue(System.nanoTime() - from < Duration.ofSeconds(15).toNanos());
  }

  @Test
  void whoeverWaitsForASilentEngineCanBeInterrupted() throws Exception {
    fake.fault("GET /volumes", new FakeEngine.Fault.Silence());
    AtomicReference<Object> outcome = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                outcome.set(engine.volumes(List.of()));
              } catch (InterruptedException | RuntimeException e) {
                outcome.set(e);
              }
            });
    while (outcome.get() == null
        && fake.calls.stream().noneMatch(c -> c.startsWith("GET /volumes"))) {
      Thread.sleep(10);
    }
    thread.interrupt();
    assertTrue(thread.join(Duration.ofSeconds(5)));
    assertInstanceOf(InterruptedException.class, outcome.get());
  }

  @Test
  void anEngineThatIsTooOldOrNotThereIsNamed() throws Exception {
    fake.apiVersion = "1.40";
    assertTrue(engine.problem().orElseThrow().contains("not 1.41 to"));
    assertEquals(
        Optional.of("the container engine does not answer"),
        new Engine(Path.of("/nowhere/engine.sock")).problem());
  }

  @Test
  void aNewerEngineIsAskedInTheNewestKnownWay() throws Exception {
    fake.apiVersion = "1.99";
    assertEquals(Optional.empty(), engine.problem());
  }

  @Test
  void anImportWhoseProgressHoldsNoImageFailed(@org.junit.jupiter.api.io.TempDir Path folder)
      throws Exception {
    Path tar = java.nio.file.Files.writeString(folder.resolve("base.tar"), "x");
    fake.fault("POST /images/create", new FakeEngine.Fault.Garbage());
    assertThrows(EngineException.class, () -> engine.importImage(tar, "r", "t"));
  }

  @Test
  void logsAreTheLastBytesOfAllFrames() throws Exception {
    byte[] frames = EngineAnswers.frames("a".repeat(5000), "b".repeat(5000), "the end\n");
    String tail = LogFrames.tail(new ByteArrayInputStream(frames), 100);
    assertEquals(100, tail.length());
    assertTrue(tail.endsWith("bthe end\n"));
    byte[] cut = java.util.Arrays.copyOf(frames, 6000);
    assertEquals("b", LogFrames.tail(new ByteArrayInputStream(cut), 1));
  }

  @Test
  void labelsAndNamesPassUnchanged() throws Exception {
    Map<String, String> labels = Map.of("k", "a&b=c d\"é%\n");
    engine.createVolume("v", labels);
    assertEquals(labels, engine.volume("v").orElseThrow().labels());
    assertEquals(1, engine.volumes(List.of("k=a&b=c d\"é%\n")).size());
  }

  private static ObjectNode spec() {
    return Json.object().put("Image", "debian:12");
  }

  private interface Asked<T> {
    T ask() throws InterruptedException;
  }

  private static <T> T assertThrowsNothing(Asked<T> asked) {
    try {
      return asked.ask();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
