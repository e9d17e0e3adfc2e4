package ai.liberclaw.agent.schedule;

import static ai.liberclaw.db.agent.Tables.RUNTIME_EVENTS;
import static ai.liberclaw.db.agent.Tables.SCHEDULES;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnFailure;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.Table;

/** A workspace, a database, a clock that stands still, and turns that end when they are told to. */
final class ScheduleScene implements JobTurns, AutoCloseable {
  static final String OWNER = "owner";

  final Path root;
  final List<NewTurn> submitted = new ArrayList<>();
  final Set<String> active = new HashSet<>();
  final List<Notice> told = new ArrayList<>();
  private final Map<String, Turn> known = new LinkedHashMap<>();
  private final AgentDatabase database;
  private final CommitQueue commits;
  private final Workspace workspace;
  private Duration heartbeat = Duration.ZERO;
  private Instant now;
  private Scheduler scheduler;
  boolean stopping;

  /**
   * @param database of all scenes of a class, to be emptied by each: to make one takes time
   */
  ScheduleScene(AgentDatabase database, Path folder, String start) throws IOException {
    now = Instant.parse(start);
    workspace = new Workspace(folder.resolve("workspace"), List.of());
    root = workspace.root();
    this.database = database;
    for (Table<?> table : List.of(SCHEDULES, RUNTIME_EVENTS, TURNS)) {
      database.dsl().deleteFrom(table).execute();
    }
    commits = new CommitQueue(database);
    commits.start(_ -> {});
    scheduler = make();
  }

  private Scheduler make() {
    return new Scheduler(
        workspace,
        new Scheduler.Settings(heartbeat, OWNER),
        new ScheduleStore(database.dsl(), commits),
        this,
        told::add,
        text -> text.replace("s3cret", "[redacted]"),
        () -> now);
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /** Another process with the same files. */
  ScheduleScene restart() {
    scheduler = make();
    return this;
  }

  ScheduleScene beating(Duration interval) {
    heartbeat = interval;
    return restart();
  }

  Path write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    // The clock of the file system is another one.
    Files.setLastModifiedTime(file, FileTime.from(now));
    return file;
  }

  /** Looks at this moment of the same day; gives the messages of the turns that begin. */
  List<String> at(String time) {
    String text = time.contains("T") ? time : now.toString().substring(0, 11) + time;
    now = Instant.parse(text.endsWith("Z") ? text : text + ":00Z");
    return look();
  }

  List<String> after(Duration time) {
    now = now.plus(time);
    return look();
  }

  List<String> look() {
    int before = submitted.size();
    scheduler.look();
    return submitted.subList(before, submitted.size()).stream().map(NewTurn::message).toList();
  }

  /** Ends the last turn of a chat; gives what is left for people. */
  List<Notice> end(String chatId, String text) {
    return end(chatId, new TurnEnd(TurnState.DONE, List.of(text), List.of(), Optional.empty()));
  }

  List<Notice> fail(String chatId) {
    TurnFailure failure = new TurnFailure("inference_timeout", "Too slow.");
    return end(chatId, new TurnEnd(TurnState.FAILED, List.of(), List.of(), Optional.of(failure)));
  }

  List<Notice> end(String chatId, TurnEnd end) {
    Turn turn = turn(chatId);
    List<Notice> notices = scheduler.notices(turn, end);
    active.remove(chatId);
    scheduler.ended(turn, end);
    return notices;
  }

  Turn turn(String chatId) {
    return known.values().stream()
        .filter(turn -> turn.chatId().equals(chatId))
        .reduce((_, last) -> last)
        .orElseThrow();
  }

  @Override
  public boolean isActive(String chatId) {
    return active.contains(chatId);
  }

  @Override
  public Turn submit(NewTurn turn) {
    if (stopping) {
      throw new Refusal(503, "shutting down");
    }
    // As the engine does: the sender's own name for a message makes it one turn.
    String name = turn.chatId() + " " + turn.clientMessageId().orElseThrow();
    return known.computeIfAbsent(
        name,
        _ -> {
          submitted.add(turn);
          active.add(turn.chatId());
          return new Turn(
              "turn-" + submitted.size(), turn.chatId(), turn.message(), turn.mode(), true);
        });
  }

  @Override
  public void close() {
    commits.close();
  }
}
