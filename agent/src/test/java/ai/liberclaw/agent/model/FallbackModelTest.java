package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.agent.model.ModelException.ErrorCode;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelAnswer.Break;
import ai.liberclaw.testkit.model.ModelServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FallbackModelTest {
  private static final ModelRequest HELLO =
      new ModelRequest(List.of(new Message.User("Hello")), List.of());
  private static final Patience ONCE =
      new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 0, Duration.ofMillis(1));

  private final ModelServer first = ModelServer.start();
  private final ModelServer second = ModelServer.start();
  private final Recorder heard = new Recorder();

  @AfterEach
  void close() {
    first.close();
    second.close();
  }

  private FallbackModel model(Duration rest) {
    return new FallbackModel(
        List.of(
            new HttpModel(Providers.OPENAI.wire(first), "one", ONCE),
            new HttpModel(Providers.ANTHROPIC.wire(second), "two", ONCE)),
        rest);
  }

  @Test
  void theNextIsAskedWhenTheProviderFails() throws Exception {
    for (ModelAnswer fault :
        List.of(
            ModelAnswer.error(429, ""),
            ModelAnswer.error(500, ""),
            ModelAnswer.error(401, ""),
            ModelAnswer.text("a broken sentence").with(Break.CUT, 2))) {
      Recorder listener = new Recorder();
      first.enqueue(fault);
      second.enqueue(ModelAnswer.text("from the second"));
      Reply reply = model(Duration.ZERO).reply(HELLO, listener);
      assertEquals("from the second", reply.text());
      assertEquals("from the second", listener.text());
      assertEquals("anthropic", reply.provider());
      assertEquals("two", reply.model());
    }
  }

  @Test
  void whatAnotherProviderCannotMendIsNotTriedThere() {
    for (ModelAnswer fault : List.of(ModelAnswer.contextOverflow(), ModelAnswer.error(400, "no"))) {
      first.enqueue(fault);
      assertThrows(ModelException.class, () -> model(Duration.ZERO).reply(HELLO, heard));
    }
    assertEquals(0, second.requests().size());
  }

  @Test
  void whenAllFailTheFirstOnesFaultIsTold() {
    first.enqueue(ModelAnswer.error(429, ""));
    second.enqueue(ModelAnswer.error(500, ""));
    ModelException failed =
        assertThrows(ModelException.class, () -> model(Duration.ZERO).reply(HELLO, heard));
    assertEquals(ErrorCode.INFERENCE_RATE_LIMITED, failed.code());
  }

  @Test
  void oneThatFailedIsAskedLastForAWhile() throws Exception {
    first.enqueue(ModelAnswer.error(500, ""));
    Model model = model(Duration.ofMinutes(1));
    model.reply(HELLO, heard);
    assertEquals("two", model.forTurn("c", "t").reply(HELLO, heard).model());
    assertEquals(1, first.requests().size());
    second.enqueue(ModelAnswer.error(500, ""));
    assertEquals("one", model.reply(HELLO, heard).model());
  }
}
