package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The api dies by SIGKILL while it deploys; the next one finishes what it had begun. */
class KillApiIT {
  @Test
  void aDeploymentInProgressIsFinishedByTheNextProcess() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String early = guest.create("Early");
      platform.killApi();
      platform.startApi();
      guest.awaitRunning(early);

      String late = guest.create("Late");
      Await.until(
          "the agent's process is there",
          Duration.ofSeconds(30),
          () -> !Processes.mentioning(late).isEmpty());
      platform.killApi();
      platform.startApi();
      guest.awaitRunning(late);

      assertEquals(1, Platform.agentProcesses(early).size());
      assertEquals(1, Platform.agentProcesses(late).size());
      assertEquals(2, guest.get("/agents/").get("total").intValue());
    }
  }
}
