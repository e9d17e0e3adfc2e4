package ai.liberclaw.testkit.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.liberclaw.testkit.await.Await;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProcessWatchTest {
  @Test
  void argumentsAndEnvironmentsOfEndedProcessesAreRemembered() throws Exception {
    String argument = UUID.randomUUID().toString();
    String variable = UUID.randomUUID().toString();
    try (ProcessWatch watch = ProcessWatch.start()) {
      ProcessBuilder builder = new ProcessBuilder("sh", "-c", "sleep 0.3", argument);
      builder.environment().put("WATCHED", variable);
      builder.start().waitFor();
      Await.until(
          "it was seen", Duration.ofSeconds(5), () -> !watch.mentioning(argument).isEmpty());
      assertFalse(watch.mentioning(variable).isEmpty());
      assertEquals(List.of(), watch.mentioning(UUID.randomUUID().toString()));
    }
  }
}
