package ai.liberclaw.agent.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolCall;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SanitiserTest {
  private final List<Row> rows = new ArrayList<>();

  @Test
  void w1AResultWithoutItsCallIsDropped() {
    user("hello");
    result("lost", "orphan");
    assistant("hi");

    assertEquals(List.of("user: hello", "assistant: hi"), sane());
  }

  @Test
  void w1ACallWithoutItsResultGetsOne() {
    user("go");
    calls("a", "b");
    result("b", "done b");
    user("next");

    assertEquals(
        List.of(
            "user: go",
            "assistant: <a> <b>",
            "tool a: " + Sanitiser.MISSING_RESULT,
            "tool b: done b",
            "user: next"),
        sane());
  }

  @Test
  void anAssistantThatSaysNothingIsDropped() {
    user("hello");
    assistant("  ");

    assertEquals(List.of("user: hello"), sane());
  }

  @Test
  void w1ResultsFollowTheirCallInTheOrderOfTheCalls() {
    calls("a", "b");
    user("meanwhile");
    result("b", "2");
    result("a", "1");

    assertEquals(
        List.of("assistant: <a> <b>", "tool a: 1", "tool b: 2", "user: meanwhile"), sane());
  }

  @Test
  void anIdThatComesBackMeansTheNewerCall() {
    calls("call_0");
    calls("call_0");
    result("call_0", "of the second");

    assertEquals(
        List.of(
            "assistant: <call_0>",
            "tool call_0: " + Sanitiser.MISSING_RESULT,
            "assistant: <call_0>",
            "tool call_0: of the second"),
        sane());
  }

  @Test
  void oneIdForTwoCallsOfAReplyBecomesTwo() {
    calls("x", "x");
    result("x", "1");
    result("x", "2");

    assertEquals(List.of("assistant: <x> <x_2>", "tool x: 1", "tool x_2: 2"), sane());
  }

  @Test
  void aSecondResultOfACallIsDropped() {
    calls("a");
    result("a", "1");
    result("a", "again");

    assertEquals(List.of("assistant: <a>", "tool a: 1"), sane());
  }

  @Test
  void aCallAndItsResultsAreOneGroup() {
    user("go");
    calls("a", "b");
    result("a", "1");
    result("b", "2");

    List<Group> groups = Sanitiser.groups(rows);
    assertEquals(List.of(1, 3), groups.stream().map(g -> g.rows().size()).toList());
    assertTrue(groups.getFirst().user());
  }

  private void user(String text) {
    rows.add(Row.of(rows.size() + 1, new Message.User(text)));
  }

  private void assistant(String text) {
    rows.add(Row.of(rows.size() + 1, new Message.Assistant(text, List.of())));
  }

  private void calls(String... ids) {
    List<ToolCall> calls = new ArrayList<>();
    for (String id : ids) {
      calls.add(new ToolCall(id, "bash", "{}"));
    }
    rows.add(Row.of(rows.size() + 1, new Message.Assistant("", calls)));
  }

  private void result(String id, String text) {
    rows.add(Row.of(rows.size() + 1, new Message.Tool(id, text)));
  }

  private List<String> sane() {
    return Sanitiser.groups(rows).stream()
        .flatMap(group -> group.rows().stream())
        .map(row -> MemoryHistory.line(row.message()))
        .toList();
  }
}
