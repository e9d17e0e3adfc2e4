package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.subagent.SubagentRun.State;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.tool.Spawner;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnFailure;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Starts tasks in the background and leaves their results for the chats that asked. A run is a turn
 * like any other: it goes on after a restart, and its result is stored in the transaction that ends
 * it, so a result is neither lost nor told twice.
 */
public final class Subagents implements Spawner, TurnOutlet {
  /** Runs one chat may have at a time. */
  public static final int RUNNING_PER_CHAT_MAX = 5;

  /** Runs all chats together may have at a time. */
  public static final int RUNNING_MAX = 10;

  /** Model replies of one run. */
  public static final int STEPS_MAX = 45;

  private static final int LABEL_CHARS_MAX = 100;
  private static final int PERSONA_CHARS_MAX = 2_000;
  private static final String SOURCE = "subagent";
  private static final String FILE_SOURCE = "subagent_file";
  private static final String TIMEOUT_CODE = "turn_timeout";

  private static final System.Logger LOG = System.getLogger(Subagents.class.getName());

  private final SubagentRuns runs;
  private final SubagentTurns turns;
  private final String ownerChatId;
  private final UnaryOperator<String> mask;

  /** Guards {@link #running} and its agreement with the stored runs. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<String, SubagentRun> running = new HashMap<>();

  /**
   * @param ownerChatId gets the results of what the agent's own chats asked for; may be empty
   * @param mask hides secrets in what is left for chats and in what is stored
   */
  public Subagents(
      SubagentRuns runs, SubagentTurns turns, String ownerChatId, UnaryOperator<String> mask) {
    this.runs = runs;
    this.turns = turns;
    this.ownerChatId = ownerChatId;
    this.mask = mask;
  }

  /** Takes up what a former process left; after the turn engine has started. */
  public void start() {
    List<SubagentRun> neverAsked = new ArrayList<>();
    lock.lock();
    try {
      for (SubagentRuns.Unfinished left : runs.unfinished()) {
        SubagentRun run = left.run();
        Optional<SubagentRuns.TurnOutcome> turn = left.turn();
        if (turn.isEmpty()) {
          running.put(run.id(), run);
          neverAsked.add(run);
          continue;
        }
        // Its chat was told with the end of its turn; only this record of it was not made.
        String text = turn.get().text();
        switch (turn.get().state()) {
          case WAITING, RUNNING, PAUSED -> running.put(run.id(), run);
          case DONE -> runs.end(run.id(), State.COMPLETED, text, List.of());
          case FAILED, INTERRUPTED -> runs.end(run.id(), State.FAILED, text, List.of());
          case CANCELLED -> runs.end(run.id(), State.CANCELLED, text, List.of());
        }
      }
    } finally {
      lock.unlock();
    }
    neverAsked.forEach(this::submit);
  }

  @Override
  public String spawn(Request request) {
    if (request.task().isBlank()) {
      return "[error: task must not be empty]";
    }
    if (request.persona().length() > PERSONA_CHARS_MAX) {
      return "[error: persona is longer than " + PERSONA_CHARS_MAX + " characters]";
    }
    SubagentRun run =
        new SubagentRun(
            UUID.randomUUID().toString(),
            request.chatId(),
            mask.apply(label(request.label(), request.task())),
            mask.apply(request.task()),
            Role.of(request.role()),
            mask.apply(request.persona().strip()),
            request.timeMax().compareTo(TIME_MAX) > 0 ? TIME_MAX : request.timeMax());
    Optional<String> refused = admit(run);
    if (refused.isPresent()) {
      return "[error: " + refused.get() + "]";
    }
    if (!submit(run)) {
      return "[error: the agent is stopping; nothing was spawned]";
    }
    LOG.log(System.Logger.Level.INFO, "subagent.spawned run={0} chat={1}", run.id(), run.chatId());
    return "Spawned subagent '"
        + run.label()
        + "'. It works in the background; its result goes to the user by itself when it is done.";
  }

  /**
   * The run that a turn is of.
   *
   * @throws IllegalStateException when there is none any more
   */
  public SubagentRun of(Turn turn) {
    return find(turn)
        .orElseThrow(() -> new IllegalStateException("no subagent of " + turn.chatId()));
  }

  private Optional<SubagentRun> find(Turn turn) {
    return SubagentRun.idOf(turn.chatId()).flatMap(runs::find);
  }

  /** Stops a run; its chat is told. False when it does not run any more. */
  boolean stop(SubagentRun run) {
    return turns.cancel(run.ownChatId());
  }

  private Optional<String> admit(SubagentRun run) {
    lock.lock();
    try {
      long ofChat = running.values().stream().filter(r -> r.chatId().equals(run.chatId())).count();
      if (ofChat >= RUNNING_PER_CHAT_MAX) {
        return Optional.of(
            "this chat has " + ofChat + " subagents running, the most there may be; wait for one");
      }
      if (running.size() >= RUNNING_MAX) {
        return Optional.of(
            running.size() + " subagents are running, the most there may be; wait for one");
      }
      runs.add(run, recipient(run).map(to -> SubagentEvents.spawned(to, run)).stream().toList());
      running.put(run.id(), run);
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private boolean submit(SubagentRun run) {
    try {
      Turn ignored = turns.submit(NewTurn.internal(run.ownChatId(), run.task()));
      return true;
    } catch (Refusal e) {
      String why = "the agent was stopping";
      forget(
          run.id(),
          State.CANCELLED,
          why,
          recipient(run).map(to -> SubagentEvents.ended(to, run, State.CANCELLED, why)).stream()
              .toList());
      return false;
    }
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    Optional<SubagentRun> found = find(turn);
    Optional<String> recipient = found.flatMap(this::recipient);
    if (found.isEmpty() || recipient.isEmpty()) {
      return List.of();
    }
    SubagentRun run = found.get();
    String chatId = recipient.get();
    List<Notice> notices = new ArrayList<>();
    notices.add(new Notice(chatId, SOURCE, "[Task: " + run.label() + "] " + text(end)));
    for (SentFile file : end.files()) {
      notices.add(new Notice(chatId, FILE_SOURCE, Json.write(fileMessage(file))));
    }
    notices.add(SubagentEvents.ended(chatId, run, state(end), text(end)));
    return notices;
  }

  /** The chat that hears of a run; none for what nobody is told. */
  private Optional<String> recipient(SubagentRun run) {
    return Optional.of(run.chatId().startsWith("__") ? ownerChatId : run.chatId())
        .filter(chatId -> !chatId.isEmpty());
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    SubagentRun.idOf(turn.chatId()).ifPresent(id -> forget(id, state(end), text(end), List.of()));
  }

  private static State state(TurnEnd end) {
    return switch (end.state()) {
      case DONE -> State.COMPLETED;
      case CANCELLED -> State.CANCELLED;
      case FAILED, INTERRUPTED ->
          end.failure().filter(failure -> failure.code().equals(TIMEOUT_CODE)).isPresent()
              ? State.TIMEOUT
              : State.FAILED;
      case WAITING, RUNNING, PAUSED ->
          throw new IllegalArgumentException("not ended: " + end.state());
    };
  }

  private void forget(String id, State state, String text, List<Notice> notices) {
    lock.lock();
    try {
      runs.end(id, state, text, notices);
      running.remove(id);
    } finally {
      lock.unlock();
    }
    LOG.log(System.Logger.Level.INFO, "subagent.ended run={0} state={1}", id, state.wireName());
  }

  private String text(TurnEnd end) {
    Optional<TurnFailure> failure = end.failure();
    return mask.apply(
        failure.isPresent()
            ? "Error: " + failure.get().message()
            : end.finalText().filter(text -> !text.isBlank()).orElse("(no output)"));
  }

  private static ObjectNode fileMessage(SentFile file) {
    return Json.object()
        .put("type", "file")
        .put("path", file.path())
        .put("caption", file.caption());
  }

  private static String label(String label, String task) {
    String text = label.isBlank() ? task.substring(0, Math.min(50, task.length())) : label;
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    int end = Math.min(LABEL_CHARS_MAX, line.length());
    boolean halved = end > 0 && Character.isHighSurrogate(line.charAt(end - 1));
    return line.substring(0, halved ? end - 1 : end);
  }
}
