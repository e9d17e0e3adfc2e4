package ai.liberclaw.agent.subagent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.tool.Spawner;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnFailure;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SubagentsTest {
  private final MemoryRuns runs = new MemoryRuns();
  private final List<NewTurn> submitted = new ArrayList<>();
  private final Turns turns = new Turns();
  private final Subagents subagents =
      new Subagents(runs, turns, "owner", text -> text.replace("s3cret", "[redacted]"));

  private final class Turns implements SubagentTurns {
    boolean stopping;
    String cancelled = "";

    @Override
    public Turn submit(NewTurn turn) {
      if (stopping) {
        throw new Refusal(503, "shutting down");
      }
      submitted.add(turn);
      return turn(submitted.size() - 1);
    }

    @Override
    public boolean cancel(String chatId) {
      cancelled = chatId;
      return true;
    }
  }

  @Test
  void aTaskBecomesATurnOfAChatOfItsOwn() {
    String told = subagents.spawn(Spawner.Request.of("chat", "Count the stars.", "stars"));

    assertTrue(told.startsWith("Spawned subagent 'stars'."), told);
    NewTurn turn = submitted.getFirst();
    assertTrue(turn.chatId().matches("__subagent_[0-9a-f-]{36}__"));
    assertEquals("Count the stars.", turn.message());
  }

  @Test
  void theLabelIsOneShortLineAndDefaultsToTheStartOfTheTask() {
    subagents.spawn(Spawner.Request.of("chat", "First line\nsecond line " + "x".repeat(100), ""));
    subagents.spawn(Spawner.Request.of("chat", "task", "l".repeat(300) + "\n"));

    List<String> labels = runs.runs.values().stream().map(SubagentRun::label).toList();
    assertEquals("First line second line " + "x".repeat(27), labels.get(0));
    assertEquals(100, labels.get(1).length());
  }

  @Test
  void anEmptyTaskIsRefused() {
    assertEquals(
        "[error: task must not be empty]", subagents.spawn(Spawner.Request.of("chat", " \n", "l")));
    assertTrue(runs.runs.isEmpty());
  }

  @Test
  void oneChatMayHaveFiveAndAllTogetherTen() {
    for (int i = 0; i < 5; i++) {
      assertTrue(subagents.spawn(Spawner.Request.of("a", "task", "l")).startsWith("Spawned"));
    }
    assertTrue(
        subagents
            .spawn(Spawner.Request.of("a", "task", "l"))
            .startsWith("[error: this chat has 5 subagents"));
    for (int i = 0; i < 5; i++) {
      assertTrue(subagents.spawn(Spawner.Request.of("b" + i, "task", "l")).startsWith("Spawned"));
    }
    assertTrue(
        subagents
            .spawn(Spawner.Request.of("c", "task", "l"))
            .startsWith("[error: 10 subagents are running"));
    assertEquals(10, submitted.size());

    subagents.ended(turn(0), done("result"));

    assertTrue(subagents.spawn(Spawner.Request.of("a", "task", "l")).startsWith("Spawned"));
  }

  @Test
  void aResultIsLeftForTheChatThatAskedWithItsFiles() {
    subagents.spawn(Spawner.Request.of("chat", "task", "stars"));
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
        words(subagents.notices(turn(0), end)));
    subagents.ended(turn(0), end);
    assertEquals(List.of("completed: There are [redacted] 7."), List.copyOf(runs.ended.values()));
  }

  @Test
  void aRunThatSaysNothingSaysSo() {
    subagents.spawn(Spawner.Request.of("chat", "task", "l"));

    assertEquals(
        "[Task: l] (no output)",
        subagents
            .notices(turn(0), new TurnEnd(TurnState.DONE, List.of(), List.of(), Optional.empty()))
            .getFirst()
            .content());
  }

  @Test
  void aFailureIsToldWithItsReason() {
    subagents.spawn(Spawner.Request.of("chat", "task", "l"));
    TurnEnd end =
        new TurnEnd(
            TurnState.FAILED,
            List.of("half"),
            List.of(),
            Optional.of(new TurnFailure("turn_timeout", "Stopped: too long.")));

    assertEquals(
        List.of(new Notice("chat", "subagent", "[Task: l] Error: Stopped: too long.")),
        words(subagents.notices(turn(0), end)));
    subagents.ended(turn(0), end);
    assertEquals(List.of("timeout: Error: Stopped: too long."), List.copyOf(runs.ended.values()));
  }

  @Test
  void whatTheAgentsOwnChatsAskForGoesToTheOwner() {
    subagents.spawn(Spawner.Request.of("__heartbeat__", "task", "l"));

    assertEquals("owner", subagents.notices(turn(0), done("x")).getFirst().chatId());
    Subagents ownerless = new Subagents(runs, turns, "", text -> text);
    assertEquals(List.of(), ownerless.notices(turn(0), done("x")));
  }

  @Test
  void anAgentThatStopsSpawnsNothing() {
    turns.stopping = true;

    assertTrue(
        subagents
            .spawn(Spawner.Request.of("chat", "task", "l"))
            .startsWith("[error: the agent is stopping"));
    assertEquals(List.of("cancelled: the agent was stopping"), List.copyOf(runs.ended.values()));
    assertEquals(List.of("subagent_spawned", "subagent_failed"), events(runs.left));
  }

  @Test
  void afterARestartEveryRunIsTakenUpWhereItWas() {
    runs.add(run("never-asked", "task 1"), List.of());
    runs.add(run("goes-on", "task 2"), List.of());
    runs.add(run("was-done", "task 3"), List.of());
    runs.add(run("gave-up", "task 4"), List.of());
    runs.turns.put("goes-on", TurnState.RUNNING);
    runs.turns.put("was-done", TurnState.DONE);
    runs.turns.put("gave-up", TurnState.INTERRUPTED);

    subagents.start();

    assertEquals(
        List.of("__subagent_never-asked__: task 1"),
        submitted.stream().map(turn -> turn.chatId() + ": " + turn.message()).toList());
    assertEquals(List.of("was-done", "gave-up"), List.copyOf(runs.ended.keySet()));
    for (int i = 0; i < 3; i++) {
      assertTrue(subagents.spawn(Spawner.Request.of("chat", "task", "l")).startsWith("Spawned"));
    }
    assertTrue(
        subagents
            .spawn(Spawner.Request.of("chat", "task", "l"))
            .startsWith("[error: this chat has 5"));
  }

  @Test
  void aRunHasARoleAPersonaAndATime() {
    subagents.spawn(
        new Spawner.Request(
            "chat", "task", "l", "Reviewer ", " strict s3cret ", Duration.ofMinutes(1)));
    subagents.spawn(new Spawner.Request("chat", "task", "l", "wizard", "", Duration.ofHours(1)));

    List<SubagentRun> known = List.copyOf(runs.runs.values());
    assertEquals(Role.REVIEWER, known.get(0).role());
    assertEquals("strict [redacted]", known.get(0).persona());
    assertEquals(Duration.ofMinutes(1), known.get(0).timeMax());
    assertEquals(Role.DEFAULT, known.get(1).role());
    assertEquals(Duration.ofMinutes(10), known.get(1).timeMax());
  }

  @Test
  void rolesThatOnlyReadHaveNothingThatWrites() {
    for (Role role : List.of(Role.EXPLORER, Role.REVIEWER, Role.VERIFIER, Role.RESEARCHER)) {
      assertTrue(role.allows("read_file"));
      for (String tool : List.of("bash", "write_file", "edit_file", "send_file", "process")) {
        assertFalse(role.allows(tool), role + " " + tool);
      }
    }
    assertTrue(Role.RESEARCHER.allows("web_fetch"));
    assertFalse(Role.EXPLORER.allows("web_fetch"));
    assertTrue(Role.WORKER.allows("bash"));
  }

  @Test
  void frontEndsAreToldOfTheBeginningAndTheEnd() {
    subagents.spawn(Spawner.Request.of("chat", "task", "stars"));
    String id = List.copyOf(runs.runs.keySet()).getFirst();

    assertEquals(
        List.of(
            new Notice(
                "chat",
                "subagent_event",
                "{\"type\":\"subagent_spawned\",\"run_id\":\""
                    + id
                    + "\",\"label\":\"stars\",\"subagent_role\":\"default\","
                    + "\"role\":\"default\",\"status\":\"running\"}")),
        runs.left);
    assertEquals(List.of("subagent_completed"), events(subagents.notices(turn(0), done("seven"))));
    TurnEnd failed =
        new TurnEnd(
            TurnState.FAILED,
            List.of(),
            List.of(),
            Optional.of(new TurnFailure("turn_timeout", "Stopped: too long.")));
    String event = subagents.notices(turn(0), failed).getLast().content();
    assertTrue(event.contains("\"type\":\"subagent_failed\""), event);
    assertTrue(
        event.endsWith("\"status\":\"timeout\",\"error\":\"Error: Stopped: too long.\"}"), event);
  }

  @Test
  void aRunIsStoppedByItsChat() {
    subagents.spawn(Spawner.Request.of("chat", "task", "l"));

    assertTrue(subagents.stop(List.copyOf(runs.runs.values()).getFirst()));
    assertEquals(submitted.getFirst().chatId(), turns.cancelled);
  }

  /** What people are told, without what only front ends read. */
  private static List<Notice> words(List<Notice> notices) {
    return notices.stream().filter(notice -> !notice.source().endsWith("_event")).toList();
  }

  private static List<String> events(List<Notice> notices) {
    return notices.stream()
        .filter(notice -> notice.source().equals("subagent_event"))
        .map(notice -> Json.parse(notice.content()).path("type").asText())
        .toList();
  }

  static SubagentRun run(String id, String task) {
    return new SubagentRun(id, "chat", "l", task, Role.DEFAULT, "", Duration.ofMinutes(5));
  }

  private Turn turn(int index) {
    NewTurn turn = submitted.get(index);
    return new Turn("t" + index, turn.chatId(), turn.message(), turn.mode(), true);
  }

  private static TurnEnd done(String text) {
    return new TurnEnd(TurnState.DONE, List.of(text), List.of(), Optional.empty());
  }
}
