package ai.liberclaw.agent.subagent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnFailure;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.error.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SubagentsTest {
  private final MemoryRuns runs = new MemoryRuns();
  private final List<NewTurn> submitted = new ArrayList<>();
  private final Subagents subagents =
      new Subagents(runs, submitted::add, "owner", text -> text.replace("s3cret", "[redacted]"));

  @Test
  void aTaskBecomesATurnOfAChatOfItsOwn() {
    String told = subagents.spawn("chat", "Count the stars.", "stars");

    assertTrue(told.startsWith("Spawned subagent 'stars'."), told);
    NewTurn turn = submitted.getFirst();
    assertTrue(turn.chatId().matches("__subagent_[0-9a-f-]{36}__"));
    assertEquals("Count the stars.", turn.message());
  }

  @Test
  void theLabelIsOneShortLineAndDefaultsToTheStartOfTheTask() {
    subagents.spawn("chat", "First line\nsecond line " + "x".repeat(100), "");
    subagents.spawn("chat", "task", "l".repeat(300) + "\n");

    List<String> labels = runs.runs.values().stream().map(SubagentRun::label).toList();
    assertEquals("First line second line " + "x".repeat(27), labels.get(0));
    assertEquals(100, labels.get(1).length());
  }

  @Test
  void anEmptyTaskIsRefused() {
    assertEquals("[error: task must not be empty]", subagents.spawn("chat", " \n", "l"));
    assertTrue(runs.runs.isEmpty());
  }

  @Test
  void oneChatMayHaveFiveAndAllTogetherTen() {
    for (int i = 0; i < 5; i++) {
      assertTrue(subagents.spawn("a", "task", "l").startsWith("Spawned"));
    }
    assertTrue(subagents.spawn("a", "task", "l").startsWith("[error: this chat has 5 subagents"));
    for (int i = 0; i < 5; i++) {
      assertTrue(subagents.spawn("b" + i, "task", "l").startsWith("Spawned"));
    }
    assertTrue(subagents.spawn("c", "task", "l").startsWith("[error: 10 subagents are running"));
    assertEquals(10, submitted.size());

    subagents.ended(turn(0), done("result"));

    assertTrue(subagents.spawn("a", "task", "l").startsWith("Spawned"));
  }

  @Test
  void aResultIsLeftForTheChatThatAskedWithItsFiles() {
    subagents.spawn("chat", "task", "stars");
    TurnEnd end =
        new TurnEnd(
            TurnState.DONE,
            List.of("working", "There are s3cret 7."),
            List.of(new SentFile("out/a.txt", "A \"file\"")),
            Optional.empty());

    assertEquals(
        List.of(
            new Notice("chat", "subagent", "[Task: stars] There are [redacted] 7."),
            new Notice(
                "chat",
                "subagent_file",
                "{\"type\":\"file\",\"path\":\"out/a.txt\",\"caption\":\"A \\\"file\\\"\"}")),
        subagents.notices(turn(0), end));
    subagents.ended(turn(0), end);
    assertEquals(List.of("completed: There are [redacted] 7."), List.copyOf(runs.ended.values()));
  }

  @Test
  void aRunThatSaysNothingSaysSo() {
    subagents.spawn("chat", "task", "l");

    assertEquals(
        "[Task: l] (no output)",
        subagents
            .notices(turn(0), new TurnEnd(TurnState.DONE, List.of(), List.of(), Optional.empty()))
            .getFirst()
            .content());
  }

  @Test
  void aFailureIsToldWithItsReason() {
    subagents.spawn("chat", "task", "l");
    TurnEnd end =
        new TurnEnd(
            TurnState.FAILED,
            List.of("half"),
            List.of(),
            Optional.of(new TurnFailure("turn_timeout", "Stopped: too long.")));

    assertEquals(
        List.of(new Notice("chat", "subagent", "[Task: l] Error: Stopped: too long.")),
        subagents.notices(turn(0), end));
    subagents.ended(turn(0), end);
    assertEquals(List.of("timeout: Error: Stopped: too long."), List.copyOf(runs.ended.values()));
  }

  @Test
  void whatTheAgentsOwnChatsAskForGoesToTheOwner() {
    subagents.spawn("__heartbeat__", "task", "l");

    assertEquals("owner", subagents.notices(turn(0), done("x")).getFirst().chatId());
    Subagents ownerless = new Subagents(runs, submitted::add, "", text -> text);
    assertEquals(List.of(), ownerless.notices(turn(0), done("x")));
  }

  @Test
  void anAgentThatStopsSpawnsNothing() {
    Subagents stopping =
        new Subagents(
            runs,
            _ -> {
              throw new Refusal(503, "shutting down");
            },
            "",
            text -> text);

    assertTrue(stopping.spawn("chat", "task", "l").startsWith("[error: the agent is stopping"));
    assertEquals(List.of("cancelled: the agent was stopping"), List.copyOf(runs.ended.values()));
  }

  @Test
  void afterARestartEveryRunIsTakenUpWhereItWas() {
    runs.add(new SubagentRun("never-asked", "chat", "l", "task 1"));
    runs.add(new SubagentRun("goes-on", "chat", "l", "task 2"));
    runs.add(new SubagentRun("was-done", "chat", "l", "task 3"));
    runs.add(new SubagentRun("gave-up", "chat", "l", "task 4"));
    runs.turns.put("goes-on", TurnState.RUNNING);
    runs.turns.put("was-done", TurnState.DONE);
    runs.turns.put("gave-up", TurnState.INTERRUPTED);

    subagents.start();

    assertEquals(
        List.of("__subagent_never-asked__: task 1"),
        submitted.stream().map(turn -> turn.chatId() + ": " + turn.message()).toList());
    assertEquals(List.of("was-done", "gave-up"), List.copyOf(runs.ended.keySet()));
    for (int i = 0; i < 3; i++) {
      assertTrue(subagents.spawn("chat", "task", "l").startsWith("Spawned"));
    }
    assertTrue(subagents.spawn("chat", "task", "l").startsWith("[error: this chat has 5"));
  }

  private Turn turn(int index) {
    NewTurn turn = submitted.get(index);
    return new Turn("t" + index, turn.chatId(), turn.message(), turn.mode(), true);
  }

  private static TurnEnd done(String text) {
    return new TurnEnd(TurnState.DONE, List.of(text), List.of(), Optional.empty());
  }
}
