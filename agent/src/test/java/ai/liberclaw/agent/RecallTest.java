package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one agent finds again, over its own wire. */
final class RecallTest {
  private static final String OWNER = "u1";
  private static final String OWNERS_CHAT = "u1:agent";

  @TempDir Path folder;

  @Test
  void w18WhatIsSaidInOneChatIsFoundThereAndByTheOwner() throws Exception {
    try (ModelServer model = ModelServer.start()) {
      Map<String, String> variables = new HashMap<>(TestAgent.asking(model));
      variables.put("OWNER_CHAT_ID", OWNER);
      variables.put("OWNER_ONLY_TOOLS", "bash, remember_fact");
      try (TestAgent agent = TestAgent.start(folder, variables)) {
        agent.sayToTheEnd("guest", "the pineapple is ripe");
        assertTrue(
            answer(agent, "guest", "search_history {\"query\":\"pineapple\"}")
                .contains("(user, chat: guest): the >>>pineapple<<< is ripe"));
        assertTrue(
            answer(agent, OWNERS_CHAT, "search_history {\"query\":\"pineapple\"}")
                .contains("(no messages found"));
        assertTrue(
            answer(
                    agent,
                    OWNERS_CHAT,
                    "search_history {\"query\":\"pineapple\",\"chat_id\":\"all\"}")
                .contains(">>>pineapple<<<"));
        assertEquals(
            "[error: unknown tool 'remember_fact']",
            answer(agent, "guest", "remember_fact {\"content\":\"x\"}"));
        assertFalse(offered(model).contains("bash"));

        answer(
            agent,
            OWNERS_CHAT,
            "remember_fact {\"kind\":\"fruit\",\"content\":\"Likes pineapple\"}");
        assertTrue(offered(model).contains("bash"));
        agent.sayToTheEnd("guest", "hello");
        JsonNode messages = model.lastRequest().messages();
        String update = messages.path(messages.size() - 2).path("content").asText();
        assertTrue(update.startsWith("[Context update]"), update);
        assertTrue(update.contains("- [fruit] Likes pineapple"), update);
        assertEquals("hello", messages.path(messages.size() - 1).path("content").asText());
      }
    }
  }

  @Test
  void toolsOfTheOwnerNeedAnOwner() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> TestAgent.config(folder, Map.of("OWNER_ONLY_TOOLS", "bash")));
    assertTrue(e.problems().toString().contains("OWNER_CHAT_ID"), e.problems().toString());
  }

  @Test
  void w25TheSameBytesLeadEveryRequestWhateverIsRememberedMeanwhile() throws Exception {
    try (ModelServer model = ModelServer.start();
        TestAgent agent = TestAgent.start(folder, TestAgent.asking(model))) {
      agent.sayToTheEnd("c", "first");
      answer(agent, "c", "write_file {\"path\":\"memory/MEMORY.md\",\"content\":\"new\"}");
      answer(agent, "c", "remember_fact {\"content\":\"newer\"}");
      model.enqueue(ModelAnswer.text("ok"));
      agent.sayToTheEnd("c", "last");
      JsonNode first = model.requests().getFirst().body();
      JsonNode last = model.lastRequest().body();
      assertEquals(first.path("tools").toString(), last.path("tools").toString());
      assertEquals(first.path("messages").path(0), last.path("messages").path(0));
      assertEquals("first", last.path("messages").path(1).path("content").asText());
      assertEquals(List.of(), model.violations());
    }
  }

  /** The result of the one tool call of a message. */
  private static String answer(TestAgent agent, String chat, String call) throws Exception {
    agent.sayToTheEnd(chat, "/tool " + call);
    try (java.sql.Connection connection =
            java.sql.DriverManager.getConnection("jdbc:sqlite:" + agent.database());
        java.sql.Statement sql = connection.createStatement();
        java.sql.ResultSet row =
            sql.executeQuery("select content from messages where role = 'tool' order by id desc")) {
      return row.getString(1);
    }
  }

  private static List<String> offered(ModelServer model) {
    List<String> names = new ArrayList<>();
    model
        .lastRequest()
        .body()
        .path("tools")
        .forEach(tool -> names.add(tool.path("function").path("name").asText()));
    return names;
  }
}
