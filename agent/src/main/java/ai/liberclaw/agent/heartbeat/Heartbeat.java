package ai.liberclaw.agent.heartbeat;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.json.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Wakes the agent at an interval to follow HEARTBEAT.md, when that file asks for anything. Each
 * beat is a turn of one chat of its own, which sees nothing of the beats before. What it has to say
 * is left for the owner; a beat that fails is only logged.
 */
public final class Heartbeat implements TurnOutlet, AutoCloseable {
  /** The chat of all beats. */
  public static final String CHAT_ID = "__heartbeat__";

  private static final String SOURCE = "heartbeat";
  private static final String FILE_SOURCE = "heartbeat_file";

  /** What the agent answers when there is nothing to tell, without its underscore. */
  private static final String QUIET = "heartbeatok";

  private static final String MESSAGE =
      """
      This is your heartbeat: nobody has written to you. Read HEARTBEAT.md in your workspace and do \
      what it asks for now, no more. Do not repeat what earlier beats have settled. If nothing \
      needs attention, answer just HEARTBEAT_OK. Otherwise your answer goes to your owner as a \
      message: say only what they need to know.\
      """;

  private static final System.Logger LOG = System.getLogger(Heartbeat.class.getName());

  private final HeartbeatFile file;
  private final Duration interval;
  private final String ownerChatId;
  private final BeatTurns turns;
  private final UnaryOperator<String> mask;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * @param interval zero for none
   * @param ownerChatId gets what beats have to say; when empty, nobody does
   * @param mask hides secrets
   */
  public Heartbeat(
      Path workspace,
      Duration interval,
      String ownerChatId,
      BeatTurns turns,
      UnaryOperator<String> mask) {
    this.file = new HeartbeatFile(workspace);
    this.interval = interval;
    this.ownerChatId = ownerChatId;
    this.turns = turns;
    this.mask = mask;
  }

  /** Begins to beat, the first time after one interval; after the turn engine has started. */
  public void start() {
    if (interval.isPositive()) {
      Thread.ofVirtual().name("heartbeat").start(this::run);
    }
  }

  private void run() {
    try {
      while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
        beat();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** One beat, unless there is nothing to do or the last one has not ended. */
  void beat() {
    try {
      if (turns.isActive(CHAT_ID)) {
        LOG.log(System.Logger.Level.INFO, "heartbeat.skipped reason=running");
      } else if (file.isActionable()) {
        turns.submit(NewTurn.internal(CHAT_ID, MESSAGE));
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "heartbeat.failed", e);
    }
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    String text = end.finalText().orElse("").strip();
    boolean quiet = text.toLowerCase(Locale.ROOT).replace("_", "").contains(QUIET);
    if (end.state() != TurnState.DONE || quiet || ownerChatId.isEmpty()) {
      return List.of();
    }
    List<Notice> notices = new ArrayList<>();
    if (!text.isEmpty()) {
      notices.add(new Notice(ownerChatId, SOURCE, mask.apply("[Heartbeat] " + text)));
    }
    for (SentFile sent : end.files()) {
      String content =
          Json.write(
              Json.object()
                  .put("type", "file")
                  .put("path", sent.path())
                  .put("caption", sent.caption()));
      notices.add(new Notice(ownerChatId, FILE_SOURCE, content));
    }
    return notices;
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    System.Logger.Level level =
        end.state() == TurnState.DONE ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
    LOG.log(
        level,
        "heartbeat.ended turn={0} state={1} code={2}",
        turn.id(),
        end.state().wireName(),
        end.failure().map(failure -> failure.code()).orElse(""));
  }

  /** No further beat begins; one that runs is the turn engine's to end. */
  @Override
  public void close() {
    stopped.countDown();
  }
}
