package ai.liberclaw.agent.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent makes a checkpoint, its owner goes back to it. */
final class CheckpointRoutesTest {
  @TempDir Path folder;

  @Test
  void anOwnerUndoesWhatAnAgentDid() throws Exception {
    try (TestAgent agent = TestAgent.start(folder)) {
      try (RawResponse none = agent.get("/checkpoints")) {
        assertEquals("{\"checkpoints\":[]}", none.text());
      }
      agent.sayToTheEnd(
          "c",
          """
          /tool write_file {"path":"a.txt","content":"good"}
          /tool checkpoint {"action":"create","message":"before"}
          /tool write_file {"path":"a.txt","content":"bad"}
          /tool write_file {"path":"b.txt","content":"bad"}\
          """);
      JsonNode made;
      try (RawResponse list = agent.get("/checkpoints")) {
        made = list.json().path("checkpoints").path(0);
      }
      assertEquals("before", made.path("message").asText());
      assertTrue(made.path("created_at").asLong() > 0);
      String id = made.path("id").asText();
      try (RawResponse restored = agent.request("POST", "/checkpoints/" + id + "/restore", "")) {
        assertEquals(200, restored.status());
        assertEquals("ok", restored.json().path("status").asText());
      }
      assertEquals("good", Files.readString(agent.workspace().resolve("a.txt")));
      assertFalse(Files.exists(agent.workspace().resolve("b.txt")));
      try (RawResponse list = agent.get("/checkpoints")) {
        assertEquals(3, list.json().path("checkpoints").size());
      }
      for (String unknown : new String[] {"0000", "..%2f..%2fx", "--output=x"}) {
        try (RawResponse no = agent.request("POST", "/checkpoints/" + unknown + "/restore", "")) {
          assertEquals(404, no.status());
          String error = no.json().path("error").asText();
          assertTrue(error.startsWith("no checkpoint '") && error.endsWith("'"), error);
        }
      }
    }
  }
}
