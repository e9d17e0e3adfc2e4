package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar api.jar fleet …} beside a running server with two agents. */
class FleetIT {
  @TempDir private Path folder;

  @Test
  void allAgentsAreBroughtToTheNewRelease() throws Exception {
    Path release = copy(Path.of("target", "agent"), folder.resolve("agent"));
    try (Platform platform = Platform.start(Map.of("LIBERCLAW_AGENT_DIR", release.toString()))) {
      Guest guest = Guest.signIn(platform);
      List<String> agents = List.of(guest.create("Ada"), guest.create("Bob"));
      for (String agent : agents) {
        guest.awaitRunning(agent);
      }
      String first = release(platform, true);

      Files.writeString(release.resolve("lib").resolve("changed.txt"), "another release\n");
      assertEquals(first, release(platform, false));
      Platform.Ran update = platform.run("fleet", "update", "--wave", "1", "--soak", "0");
      assertEquals(0, update.exit(), update.output());
      assertTrue(update.output().contains("Agents to update: 2"), update.output());
      assertTrue(update.output().contains("succeeded, wave 2: 2 updated"), update.output());
      String second = release(platform, true);
      assertNotEquals(first, second);
      assertEquals(1, platform.run("fleet", "update").exit(), "there is nothing left to update");

      for (String agent : agents) {
        try (EventStream stream =
            guest.chat(agent, Json.object().put("message", "Hi").toString())) {
          assertEquals(1, EventStream.ofType(stream.toEnd(), "text").size());
        }
      }

      // In development mode nothing is kept to go back to, and the command says so.
      Platform.Ran rollback = platform.run("fleet", "rollback");
      assertEquals(1, rollback.exit(), rollback.output());
      assertTrue(
          rollback.output().contains("2 of the agents could not go back"), rollback.output());
    }
  }

  /** The release that both agents run. */
  private static String release(Platform platform, boolean current) throws Exception {
    Platform.Ran status = platform.run("fleet", "status", "--json");
    assertEquals(0, status.exit(), status.output());
    JsonNode groups = Json.parse(status.output().strip().lines().toList().getLast()).path("groups");
    assertEquals(1, groups.size(), status.output());
    JsonNode group = groups.path(0);
    assertEquals(2, group.path("agents").asInt());
    assertEquals("running", group.path("status").asText());
    assertEquals(current, group.path("current").asBoolean(), status.output());
    return group.path("release").asText();
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }
}
