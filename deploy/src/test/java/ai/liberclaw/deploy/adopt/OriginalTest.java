package ai.liberclaw.deploy.adopt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class OriginalTest {
  private static final String USUAL =
      """
      original=yes
      port=8080
      database=/opt/baal-agent/app/agent.db
      workspace=/opt/baal-agent/workspace
      active=active
      started=123456
      bytes=5000
      free=90000000
      """;

  @Test
  void theUsualLayoutIsRecognised() {
    Original found = Original.read(USUAL).orElseThrow();
    assertEquals(8080, found.port());
    assertEquals("/opt/baal-agent/app/agent.db", found.database());
    assertTrue(found.active());
  }

  @Test
  void whatCouldMeanSomethingToAShellIsNone() {
    for (String line :
        List.of(
            "original=no",
            "port=8080; reboot",
            "port=0",
            "database=/opt/$(reboot)",
            "workspace=/opt/../etc",
            "workspace=/opt/a'b",
            "workspace=")) {
      assertTrue(Original.read(USUAL + line + "\n").isEmpty(), line);
    }
    assertTrue(Original.read("").isEmpty());
  }
}
