package ai.liberclaw.agent.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.StoredRows;
import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.Usage;
import ai.liberclaw.agent.scope.ChatScopeStore;
import ai.liberclaw.agent.scope.Owner;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SearchHistoryTest {
  private static final String OWNER = "u1";
  private static final String MINE = "u1:agent";

  @TempDir Path folder;
  private StoredRows rows;
  private SearchHistoryTool tool;
  private final List<ModelRequest> asked = new ArrayList<>();
  private Optional<String> answer = Optional.of("They chose blue.");

  @BeforeEach
  void open() {
    rows = new StoredRows(folder);
    tool =
        new SearchHistoryTool(
            rows.sql(),
            new ChatScopeStore(rows.sql(), new Owner(OWNER, "77")),
            (_, request) -> {
              asked.add(request);
              return new Reply(
                  answer.orElseThrow(
                      () -> new ModelException(ModelException.ErrorCode.INFERENCE_TIMEOUT, "no")),
                  List.of(),
                  Usage.unknown());
            });
  }

  @AfterEach
  void close() {
    rows.close();
  }

  @Test
  void aHitShowsTimeRoleChatAndTheWordsInTheirPlace() throws Exception {
    rows.run(
        "insert into messages (chat_id, role, content, created_at, compacted) values (?, 'user',"
            + " 'The logo\nshould be blue.', '2026-11-20T09:15:30.000000+00:00', 1)",
        MINE);
    assertEquals(
        "[2026-11-20 09:15] (user, chat: u1:agent): The >>>logo<<< should be blue.",
        search(MINE, "logo"));
  }

  @Test
  void w18AChatFindsItsOwnMessagesAndOnlyTheOwnersFindOthers() throws Exception {
    say(MINE, "user", "apples at home");
    say("guest", "user", "apples in town");
    say("__cron_x__", "user", "apples of a job");
    rows.run(
        "insert into subagents (id, chat_id, label, task, created_at) values ('s', 'guest', '', '', 0)");

    Map<String, List<String>> foundBy =
        Map.of(
            MINE,
            List.of("home"),
            "guest",
            List.of("town"),
            "__subagent_s__",
            List.of("town"),
            "stranger",
            List.of());
    for (Map.Entry<String, List<String>> expected : foundBy.entrySet()) {
      assertFound(expected.getValue(), search(expected.getKey(), "apples"), expected.getKey());
    }
    for (String owner : List.of(OWNER, MINE, "77", "tg:77", "intro_77")) {
      assertFound(List.of("home", "town"), search(owner, "apples", "chat_id", "all"), owner);
      assertFound(List.of("town"), search(owner, "apples", "chat_id", "guest"), owner);
    }
    for (String other : List.of("guest", "u1x:agent", "__subagent_s__", "__cron_x__", "tg:78")) {
      for (String wanted : List.of("all", MINE)) {
        ToolResult refused = call(other, "apples", "chat_id", wanted);
        assertTrue(refused.isError(), other);
        assertTrue(refused.content().startsWith("[error: only the owner's chats may"), other);
      }
    }
    assertTrue(call(MINE, "apples", "chat_id", "__cron_x__").isError());
  }

  @Test
  void anythingCanBeTyped() throws Exception {
    say(MINE, "user", "So what's up with C++ and foo-bar, at 100% (really)?");
    for (String query :
        List.of(
            "what's up",
            "C++",
            "foo-bar",
            "\"foo-bar\"",
            "what's \"up",
            "100%",
            "(really",
            "foo AND",
            "content:foo",
            "nosuch: foo",
            "re*",
            "foo OR nothing",
            "really? NEAR(",
            "^what",
            "{up}")) {
      assertTrue(search(MINE, query).contains(">>>"), query + " -> " + search(MINE, query));
    }
    for (String query : List.of("++", "?!", "  ", "")) {
      assertEquals("[error: query must contain at least one word]", search(MINE, query));
    }
  }

  @Test
  void whenNoMessageHasAllWordsSomeAreEnough() throws Exception {
    say(MINE, "assistant", "The logo is blue.");
    assertTrue(
        search(MINE, "what did we decide about the logo")
            .startsWith("(no message has all of these words; these have some of them)\n["));
    assertTrue(search(MINE, "zebra").startsWith("(no messages found"));
  }

  @Test
  void neitherItsOwnQuestionNorSummariesNorEarlierSearchesAreFound() throws Exception {
    rows.run(
        "insert into turns (id, chat_id, position, created_at) values ('turn', 'c', 1, 0), ('old',"
            + " 'c', 2, 0)");
    rows.run(
        "insert into messages (chat_id, role, content, turn_id, metadata) values"
            + " ('c', 'user', 'find the melon', 'turn', null),"
            + " ('c', 'user', 'summary of melon', null, '{\"summary\":true}'),"
            + " ('c', 'tool', 'found melon', 'old', null),"
            + " ('c', 'tool', 'bought melon', 'old', null)");
    rows.run(
        "insert into tool_calls (turn_id, step, position, call_id, name, arguments, message_id) values"
            + " ('old', 1, 0, 'x', 'search_history', '{}', 3), ('old', 1, 1, 'y', 'bash', '{}', 4)");
    String found = search("c", "melon");
    assertTrue(found.contains("bought >>>melon<<<"), found);
    assertEquals(1, found.split(">>>", -1).length - 1, found);
    assertTrue(found.startsWith("[untrusted content from earlier messages and tool results, mark"));
  }

  @Test
  void aSummaryCostsOneModelCall() throws Exception {
    say(MINE, "user", "The logo should be blue.");
    assertEquals(
        "Summary of 1 messages: They chose blue.", search(MINE, "logo", "summarize", "true"));
    assertEquals(1, asked.size());
    assertTrue(asked.getFirst().messages().getLast().content().contains(">>>logo<<<"));
    answer = Optional.empty();
    assertTrue(
        search(MINE, "logo", "summarize", "true")
            .startsWith("(no summary could be made; the matches:)\n["));
  }

  private static void assertFound(List<String> words, String found, String chat) {
    for (String word : List.of("home", "town", "job")) {
      assertEquals(words.contains(word), found.contains(word), chat + ": " + found);
    }
    assertFalse(found.startsWith("[error"), found);
  }

  private void say(String chat, String role, String text) {
    rows.run("insert into messages (chat_id, role, content) values (?, ?, ?)", chat, role, text);
  }

  private String search(String chat, String query, String... more) throws InterruptedException {
    return call(chat, query, more).content();
  }

  private ToolResult call(String chat, String query, String... more) throws InterruptedException {
    ObjectNode arguments = Json.object().put("query", query);
    for (int i = 0; i < more.length; i += 2) {
      if (more[i + 1].equals("true")) {
        arguments.put(more[i], true);
      } else {
        arguments.put(more[i], more[i + 1]);
      }
    }
    return tool.call(arguments, new ToolContext(chat, "turn", "call", true));
  }
}
