package ai.liberclaw.agent.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schedule of a whole agent. */
class ScheduleRoutesTest {
  @TempDir Path folder;

  @Test
  void aListThatIsPutIsTheFileFromThenOn() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      try (RawResponse none = agent.get("/runtime/cron")) {
        assertEquals("{\"exists\":false,\"problems\":[],\"jobs\":[],\"watchers\":[]}", none.text());
      }
      String at = Instant.now().minusSeconds(5).toString();
      String jobs =
          "{\"jobs\":[{\"id\":\"look\",\"at\":\"%s\",\"task\":\"/tool list_dir\"}]}".formatted(at);
      try (RawResponse put = agent.request("PUT", "/runtime/cron", jobs)) {
        assertEquals(200, put.status());
        assertEquals("look", put.json().path("jobs").path(0).path("id").asText());
      }
      assertTrue(Files.readString(agent.workspace().resolve("cron.json")).contains("\"look\""));
      String daily = "{\"jobs\":[{\"id\":\"d\",\"schedule\":\"@daily\",\"task\":\"t\"}]}";
      try (RawResponse put = agent.request("PUT", "/runtime/cron", daily)) {
        assertEquals("UTC", put.json().path("jobs").path(0).path("tz").asText());
      }
    }
  }

  @Test
  void aJobIsATurnWhoseAnswerWaitsForTheOwner() throws IOException {
    try (TestAgent first = TestAgent.start(folder)) {
      // Makes the workspace.
    }
    Files.writeString(
        TestAgent.workspace(folder).resolve("cron.json"),
        "[{\"id\":\"look\",\"at\":\"%s\",\"task\":\"Hello.\",\"deliver_to\":\"c\"}]"
            .formatted(Instant.now().plusMillis(20)));
    Await.until(
        "the time has come",
        TestAgent.WAIT_MAX,
        () ->
            Instant.now()
                .isAfter(
                    Files.getLastModifiedTime(TestAgent.workspace(folder).resolve("cron.json"))
                        .toInstant()
                        .plusMillis(60)));
    try (TestAgent agent = TestAgent.start(folder)) {
      Await.until(
          "the answer is there",
          TestAgent.WAIT_MAX,
          () -> {
            JsonNode pending = agent.pending("?chat_id=c");
            return pending.size() == 1
                && pending.path(0).path("source").asText().equals("cron")
                && pending.path(0).path("content").asText().contains("Offline demo");
          });
      JsonNode history = agent.history("__cron_look__");
      assertTrue(history.path(0).path("content").asText().startsWith("[Scheduled task look]"));
    }
  }

  @Test
  void aListWithFaultsIsRefusedWhole() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      for (String body :
          new String[] {
            "{}", "{\"jobs\":7}", "{\"jobs\":[{\"id\":\"a\",\"schedule\":\"x\",\"task\":\"t\"}]}"
          }) {
        try (RawResponse put = agent.request("PUT", "/runtime/cron", body)) {
          assertEquals(422, put.status(), body);
          assertEquals(
              "jobs", Json.parse(put.text()).path("detail").path(0).path("loc").path(1).asText());
        }
      }
      assertTrue(Files.notExists(agent.workspace().resolve("cron.json")));
    }
  }
}
