package ai.liberclaw.agent.heartbeat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnFailure;
import ai.liberclaw.agent.turn.TurnState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatTest {
  private static final Turn TURN = new Turn("t", Heartbeat.CHAT_ID, "beat", "chat", true);

  @TempDir Path workspace;
  private final BlockingQueue<NewTurn> submitted = new LinkedBlockingQueue<>();
  private volatile boolean active;

  @Test
  void withoutTheFileNothingIsDone() {
    heartbeat("owner").beat();

    assertTrue(submitted.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n \n", "# Tasks\n\n## Later\n", "<!-- nothing -->\n # Tasks\n"})
  void aFileThatAsksForNothingWakesNobody(String text) throws IOException {
    file(text);

    heartbeat("owner").beat();

    assertTrue(submitted.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"- check the mail", "# Tasks\nlook", "<!-- a\nb -->"})
  void aFileThatAsksForSomethingWakesTheAgent(String text) throws IOException {
    file(text);

    heartbeat("owner").beat();

    NewTurn turn = submitted.remove();
    assertEquals("__heartbeat__", turn.chatId());
    assertTrue(turn.message().contains("HEARTBEAT.md"));
    assertTrue(turn.message().contains("HEARTBEAT_OK"));
  }

  @Test
  void badBytesInTheFileDoNotFail() throws IOException {
    Files.write(workspace.resolve("HEARTBEAT.md"), new byte[] {(byte) 0xFF, (byte) 0xFE});

    heartbeat("owner").beat();

    assertEquals(1, submitted.size());
  }

  @Test
  void beatsNeverOverlap() throws IOException {
    file("look");
    active = true;

    heartbeat("owner").beat();

    assertTrue(submitted.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"HEARTBEAT_OK", "All well: heartbeat_ok.", "**HEARTBEATOK**", "Heart_Beat_OK"})
  void anAnswerThatAllIsWellIsNotPassedOn(String answer) {
    assertEquals(List.of(), heartbeat("owner").notices(TURN, done(answer)));
  }

  @Test
  void anyOtherAnswerIsLeftForTheOwnerWithItsFiles() {
    TurnEnd end =
        new TurnEnd(
            TurnState.DONE,
            List.of("looking", "The site is down."),
            List.of(new SentFile("log.txt", "")),
            Optional.empty());

    assertEquals(
        List.of(
            new Notice("owner", "heartbeat", "[Heartbeat] The site is down."),
            new Notice(
                "owner",
                "heartbeat_file",
                "{\"type\":\"file\",\"path\":\"log.txt\",\"caption\":\"\"}")),
        heartbeat("owner").notices(TURN, end));
  }

  @Test
  void withoutAnOwnerNothingIsLeft() {
    assertEquals(List.of(), heartbeat("").notices(TURN, done("news")));
  }

  @Test
  void aBeatThatFailsIsNotPassedOn() {
    Heartbeat heartbeat = heartbeat("owner");
    TurnEnd end =
        new TurnEnd(
            TurnState.FAILED,
            List.of("half"),
            List.of(),
            Optional.of(new TurnFailure("internal", "Broken.")));

    assertEquals(List.of(), heartbeat.notices(TURN, end));
    heartbeat.ended(TURN, end);
  }

  @Test
  void itBeatsAtItsIntervalUntilItIsClosed() throws Exception {
    file("look");
    try (Heartbeat heartbeat = heartbeat("owner")) {
      heartbeat.start();
      for (int beat = 0; beat < 3; beat++) {
        assertTrue(submitted.poll(5, TimeUnit.SECONDS) != null, "beat " + beat);
      }
    }
  }

  private Heartbeat heartbeat(String owner) {
    BeatTurns turns =
        new BeatTurns() {
          @Override
          public boolean isActive(String chatId) {
            return active;
          }

          @Override
          public void submit(NewTurn turn) {
            submitted.add(turn);
          }
        };
    return new Heartbeat(workspace, Duration.ofMillis(20), owner, turns, text -> text);
  }

  private void file(String text) throws IOException {
    Files.writeString(workspace.resolve("HEARTBEAT.md"), text);
  }

  private static TurnEnd done(String text) {
    return new TurnEnd(TurnState.DONE, List.of(text), List.of(), Optional.empty());
  }
}
