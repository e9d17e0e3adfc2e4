package ai.liberclaw.agent.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.model.Usage;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextWindowTest {
  private static final String CHAT = "chat-1";
  private static final Turn TURN = new Turn("t", CHAT, "hello", "chat", false);
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);
  private static final List<ToolDefinition> TOOLS =
      Stream.of("bash", "read_file")
          .map(name -> new ToolDefinition(name, "Does " + name, Json.object()))
          .toList();

  @TempDir Path workspace;
  private final MemoryHistory history = new MemoryHistory();
  private ContextSources sources = ContextSources.none();
  private final ScriptedSummariser model = new ScriptedSummariser("They said hello.");

  @BeforeEach
  void workspace() throws IOException {
    Files.createDirectories(workspace.resolve("memory"));
  }

  @Test
  void aRequestIsSystemPromptHistoryAndUpdateBeforeTheNewestUserMessage() throws Exception {
    memory("Likes tea.");
    history.user("first");
    history.assistant("answer");
    history.user("second");

    List<Message> messages = begin(window(100_000)).messages(TURN, TOOLS, false);

    assertInstanceOf(Message.System.class, messages.getFirst());
    assertEquals(List.of("user: first", "assistant: answer"), lines(messages.subList(1, 3)));
    assertTrue(messages.get(3).content().startsWith("[Context update]\n\n"));
    assertTrue(messages.get(3).content().contains("Likes tea."));
    assertEquals("user: second", lines(messages).getLast());
    assertEquals(5, messages.size());
  }

  @Test
  void aWorkspaceWithNothingToTellAddsNothing() throws Exception {
    history.user("hello");

    assertEquals(2, begin(window(100_000)).messages(TURN, TOOLS, false).size());
  }

  @Test
  void w25MemoryWrittenMeanwhileChangesNothingInTheTurnNorThePrefixOfTheNext() throws Exception {
    memory("Likes tea.");
    history.user("first");
    ContextWindow window = window(100_000);
    TurnContext turn = begin(window);
    List<Message> before = turn.messages(TURN, TOOLS, false);
    history.step("c1", "result");
    memory("Likes coffee now.");

    List<Message> after = turn.messages(TURN, TOOLS, false);
    assertEquals(before, after.subList(0, before.size()));

    history.assistant("done");
    history.user("second");
    List<Message> next = begin(window).messages(TURN, TOOLS, false);
    assertEquals(before.getFirst(), next.getFirst());
    assertEquals("user: first", lines(next).get(1));
    assertTrue(next.get(next.size() - 2).content().contains("Likes coffee now."));
  }

  @Test
  void aSubagentSeesItsTaskAlone() throws Exception {
    memory("Likes tea.");
    history.user("the task");

    List<Message> messages =
        window(100_000).begin(CHAT, Purpose.SUBAGENT).messages(TURN, TOOLS, false);

    assertEquals(List.of("user: the task"), lines(messages.subList(1, messages.size())));
  }

  @Test
  void nothingIsCompactedBelowTheThreshold() throws Exception {
    talk(8, 100);

    begin(window(20_000)).messages(TURN, TOOLS, false);

    assertEquals(0, model.requests.size());
  }

  @Test
  void w15EverythingThatLeavesWasShownToTheModelAndTheTailBeginsAtAUserRow() throws Exception {
    talk(40, 500);

    List<Message> messages = begin(window(8_000)).messages(TURN, TOOLS, false);

    assertEquals("user: " + Compaction.row("They said hello."), lines(messages).get(1));
    assertEquals("assistant: " + Compaction.ACKNOWLEDGEMENT, lines(messages).get(2));
    assertInstanceOf(Message.User.class, messages.get(3));
    assertTrue(messages.size() - 3 <= 20);
    assertEverythingShownOrKept(40, history.lines().toString());
    assertEquals(messages.subList(1, messages.size()).size(), history.lines().size());
  }

  @Test
  void w25TheSummaryRequestBeginsLikeTheConversationWithTheSameTools() throws Exception {
    talk(40, 500);
    List<String> rows = history.lines();

    List<Message> messages = begin(window(14_000, 12)).messages(TURN, TOOLS, false);

    ModelRequest request = model.requests.getFirst();
    assertEquals(TOOLS, request.tools());
    assertEquals(messages.getFirst(), request.messages().getFirst());
    int rowCount = request.messages().size() - 2;
    assertEquals(rows.subList(0, rowCount), lines(request.messages().subList(1, rowCount + 1)));
  }

  @Test
  void w15WhatDoesNotFitIntoOneRequestGoesIntoSeveralThatContinueEachOther() throws Exception {
    talk(100, 1_000);
    model.answer(request -> "summary " + model.requests.size());

    begin(window(8_000)).messages(TURN, TOOLS, false);

    assertTrue(model.requests.size() > 2);
    assertEverythingShownOrKept(100, history.lines().toString());
    assertEquals(Compaction.row("summary 1"), model.requests.get(1).messages().get(1).content());
    assertEquals(
        "user: " + Compaction.row("summary " + model.requests.size()), history.lines().getFirst());
  }

  @Test
  void aMessageLongerThanTheWindowIsSummarisedInParts() throws Exception {
    StringBuilder book = new StringBuilder();
    for (int i = 0; i < 4_000; i++) {
      book.append("line ").append(i).append(" of the book\n");
    }
    history.user(book.toString());
    history.assistant("Read it.");
    history.user("Thanks");

    List<Message> messages = begin(window(8_000)).messages(TURN, TOOLS, false);

    assertTrue(model.shown().contains("line 0 of"));
    assertTrue(model.shown().contains("line 2000 of"));
    assertTrue(model.shown().contains("line 3999 of"));
    assertEquals("user: Thanks", lines(messages).getLast());
    assertFalse(history.lines().toString().contains("line 5 of"));
  }

  @Test
  void aSecondCompactionUpdatesTheEarlierSummary() throws Exception {
    ContextWindow window = window(8_000);
    talk(40, 500);
    begin(window).messages(TURN, TOOLS, false);
    model.answer(_ -> "Updated.");
    model.requests.clear();
    talk(40, 500);

    begin(window).messages(TURN, TOOLS, false);

    List<Message> request = model.requests.getFirst().messages();
    assertEquals(Compaction.row("They said hello."), request.get(1).content());
    assertTrue(request.getLast().content().contains("an earlier summary"));
    assertEquals(
        List.of("user: " + Compaction.row("Updated.")),
        history.lines().stream().filter(l -> l.contains("[Earlier")).toList());
  }

  @Test
  void w15MoreRowsThanAllowedAreCompactedHoweverSmall() throws Exception {
    talk(101, 1);

    List<Message> messages = begin(window(90_000)).messages(TURN, TOOLS, false);

    assertEquals(1, model.requests.size());
    assertTrue(messages.size() < 30);
    assertEverythingShownOrKept(101, history.lines().toString());
  }

  @Test
  void w15AnEmptySummaryChangesNothingAndTheRequestStillFits() throws Exception {
    talk(60, 800);
    model.answer(_ -> "  ");
    List<String> before = history.lines();
    TurnContext turn = begin(window(8_000));

    List<Message> messages = turn.messages(TURN, TOOLS, false);

    assertEquals(before, history.lines());
    assertEquals(1, model.requests.size());
    assertTrue(guess(messages) * 1.15 <= 8_000);
    assertEquals(before.getLast(), lines(messages).getLast());
    assertTrue(messages.size() > 10);
    turn.messages(TURN, TOOLS, false);
    assertEquals(1, model.requests.size(), "not tried again in this turn");
  }

  @Test
  void w15AModelThatIsDownChangesNothing() throws Exception {
    talk(60, 800);
    model.answer(_ -> "unavailable");
    List<String> before = history.lines();

    List<Message> messages = begin(window(8_000)).messages(TURN, TOOLS, false);

    assertEquals(before, history.lines());
    assertTrue(guess(messages) * 1.15 <= 8_000);
  }

  @Test
  void w24InTheMiddleOfATurnOldResultsAreLeftOutFirst() throws Exception {
    history.user("read all of it");
    TurnContext turn = begin(window(8_000));
    for (int i = 0; i < 5; i++) {
      history.step("c" + i, "R" + i + " " + "x".repeat(6_000));
      turn.messages(TURN, TOOLS, false);
    }

    List<Message> messages = turn.messages(TURN, TOOLS, false);

    assertEquals(0, model.requests.size());
    assertTrue(messages.get(3).content().startsWith("[result left out to save space: 6003"));
    assertTrue(messages.get(3).content().contains("beginning: R0 xxx"));
    assertTrue(messages.getLast().content().startsWith("R4 xxx"), "not seen yet");
    assertTrue(history.lines().get(2).contains("R0 " + "x".repeat(6_000)), "stored as it was");
    assertValid(messages);
  }

  @Test
  void w24ALongTurnIsCutInItsMiddleButKeepsTheWordsItWorksFor() throws Exception {
    history.user("an earlier question");
    history.assistant("an earlier answer");
    history.user("the request");
    TurnContext turn = begin(window(8_000));
    for (int i = 0; i < 70; i++) {
      history.add(
          new Message.Assistant(
              "thought " + i + " " + "y".repeat(700),
              List.of(new ToolCall("c" + i, "bash", "{}"), new ToolCall("d" + i, "bash", "{}"))));
      history.add(new Message.Tool("c" + i, "short"));
      history.add(new Message.Tool("d" + i, "short"));
      List<Message> messages = turn.messages(TURN, TOOLS, false);
      assertTrue(guess(messages) * 1.15 <= 8_000, "fits at step " + i);
      assertTrue(lines(messages).contains("user: the request"), "still there at step " + i);
      assertTrue(lines(messages).getLast().equals("tool d" + i + ": short"));
      assertValid(messages);
    }
    assertTrue(model.requests.size() >= 2 && model.requests.size() < 20);
    for (int i = 0; i < 70; i++) {
      String thought = "thought " + i + " y";
      assertTrue(model.shown().contains(thought) || history.lines().toString().contains(thought));
    }
  }

  @Test
  void theFirstMessageOfAChatStaysInFrontOfTheSummaryOfItsOwnTurn() throws Exception {
    memory("Likes tea.");
    history.user("the request");
    TurnContext turn = begin(window(8_000));
    for (int i = 0; i < 40; i++) {
      history.add(
          new Message.Assistant("y".repeat(1_500), List.of(new ToolCall("c" + i, "bash", "{}"))));
      history.add(new Message.Tool("c" + i, "short"));
      List<Message> messages = turn.messages(TURN, TOOLS, false);
      assertTrue(messages.get(1).content().startsWith("[Context update]"), "at step " + i);
      assertEquals("the request", messages.get(2).content());
      assertValid(messages);
    }
    assertTrue(model.requests.size() >= 2);
    for (ModelRequest request : model.requests) {
      assertTrue(lines(request.messages()).contains("user: the request"));
    }
    assertTrue(model.requests.getLast().messages().getLast().content().contains("an earlier"));
  }

  @Test
  void oneResultBeyondTheWindowIsShortenedInTheRequest() throws Exception {
    history.user("read");
    history.step("c", "BEGIN" + "x".repeat(100_000) + "END");

    List<Message> messages = begin(window(8_000)).messages(TURN, TOOLS, false);

    assertTrue(guess(messages) * 1.15 <= 8_000);
    String result = messages.getLast().content();
    assertTrue(result.startsWith("BEGIN") && result.endsWith("END"));
    assertTrue(result.contains("the middle of 100008 characters is left out"));
  }

  @Test
  void aRefusedRequestIsCompactedAtOnceAndTheNextIsSmaller() throws Exception {
    talk(30, 400);
    TurnContext turn = begin(window(20_000));
    List<Message> refused = turn.messages(TURN, TOOLS, false);
    assertEquals(0, model.requests.size());

    List<Message> shorter = turn.messages(TURN, TOOLS, true);

    assertEquals(1, model.requests.size());
    assertTrue(guess(shorter) < guess(refused) / 2);
    assertEquals(lines(refused).getLast(), lines(shorter).getLast());
  }

  @Test
  void w26TheSizeIsMeasuredByWhatTheProviderReported() throws Exception {
    talk(30, 400);
    TurnContext turn = begin(window(20_000));
    List<Message> messages = turn.messages(TURN, TOOLS, false);
    turn.observed(TURN, new Usage(null, null, null));
    turn.observed(TURN, new Usage(4 * (int) guess(messages), null, 10));
    history.step("c", "result");

    turn.messages(TURN, TOOLS, false);

    assertFalse(model.requests.isEmpty());
  }

  @Test
  void rowsThatAreInNoGroupLeaveWithTheRest() throws Exception {
    history.add(new Message.Tool("lost", "orphan"));
    talk(40, 500);

    begin(window(8_000)).messages(TURN, TOOLS, false);

    assertTrue(history.compacted().contains(1L));
    assertTrue(history.lines().getFirst().contains("[Earlier conversation summary]"));
  }

  /** Pairs of user and assistant rows, the last one a user's; each names its number. */
  private void talk(int rows, int words) {
    for (int i = 0; i < rows; i++) {
      String text = "row " + i + ":" + " w".repeat(words);
      if (i % 2 == 0 || i == rows - 1) {
        history.user(text);
      } else {
        history.assistant(text);
      }
    }
  }

  private void assertEverythingShownOrKept(int rows, String kept) {
    for (int i = 0; i < rows; i++) {
      assertTrue(model.shown().contains("row " + i + ":") || kept.contains("row " + i + ":"));
    }
  }

  private static void assertValid(List<Message> messages) {
    Set<String> open = new HashSet<>();
    for (Message message : messages) {
      switch (message) {
        case Message.Tool tool -> assertTrue(open.remove(tool.callId()), "orphan " + tool.callId());
        case Message.Assistant assistant -> {
          assertEquals(Set.of(), open);
          assistant.toolCalls().forEach(call -> open.add(call.id()));
        }
        case Message.User _, Message.System _ -> assertEquals(Set.of(), open);
      }
    }
    assertEquals(Set.of(), open);
  }

  private static long guess(List<Message> messages) {
    return messages.stream().mapToLong(message -> Tokens.guess(message)).sum()
        + Tokens.guess(TOOLS);
  }

  private static List<String> lines(List<Message> messages) {
    return messages.stream().map(MemoryHistory::line).toList();
  }

  private void memory(String text) throws IOException {
    Files.writeString(workspace.resolve("memory/MEMORY.md"), text);
  }

  private static TurnContext begin(ContextWindow window) {
    return window.begin(CHAT, Purpose.CHAT);
  }

  private ContextWindow window(int budgetTokens) {
    return window(budgetTokens, 20);
  }

  private ContextWindow window(int budgetTokens, int keepRows) {
    Persona persona =
        new Persona(
            "Ada",
            "Be kind.",
            workspace,
            Surroundings.PROCESS,
            "",
            Optional.empty(),
            Optional.empty());
    return new ContextWindow(
        persona,
        ContextLimits.of("a-model", budgetTokens, 0, 100, keepRows),
        history,
        model,
        sources,
        NOON);
  }
}
