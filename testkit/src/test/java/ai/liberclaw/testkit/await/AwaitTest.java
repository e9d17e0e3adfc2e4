package ai.liberclaw.testkit.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
  @Test
  void returnsAsSoonAsThereIsAValue() {
    AtomicInteger asked = new AtomicInteger();
    int value =
        Await.value(
            "three",
            Duration.ofSeconds(5),
            () -> Optional.of(asked.incrementAndGet()).filter(n -> n == 3));
    assertEquals(3, value);
  }

  @Test
  void namesWhatWasMissingAndTheLastFault() {
    AssertionError missing =
        assertThrows(
            AssertionError.class,
            () ->
                Await.until(
                    "the agent answers",
                    Duration.ofMillis(30),
                    () -> {
                      throw new IOException("refused");
                    }));
    assertTrue(String.valueOf(missing.getMessage()).contains("the agent answers"));
    assertTrue(String.valueOf(missing.getMessage()).contains("refused"));
  }
}
