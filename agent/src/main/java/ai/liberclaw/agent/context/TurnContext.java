package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.model.Usage;
import ai.liberclaw.agent.turn.Conversation;
import ai.liberclaw.agent.turn.Turn;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the model is shown in one turn. System prompt and dynamic context are made at the first
 * request and stay as they are to the end of the turn. For one thread at a time.
 */
public final class TurnContext implements Conversation {
  /** Once over the threshold, come down to this part of the budget, not just below it. */
  private static final double RELIEF_TARGET = 0.5;

  /** A part of the threshold that rows kept verbatim may take; the rest is for what comes. */
  private static final double TAIL_SHARE = 0.5;

  /** Summarising less than this part of the budget is not worth a model call. */
  private static final double LEAVING_MIN = 0.05;

  private static final System.Logger LOG = System.getLogger(TurnContext.class.getName());

  private final String chatId;
  private final Purpose purpose;
  private final Brief brief;
  private final LocalDate day;
  private final Prompt prompt;
  private final DynamicContext dynamic;
  private final ContextLimits limits;
  private final History history;
  private final Compaction compaction;
  private final Tokens tokens;
  private final ContextSources sources;
  private final RequestFit fit = new RequestFit();

  private @Nullable Frame frame;
  private boolean compactionFailed;
  private long lastGuess;

  TurnContext(
      String chatId,
      Purpose purpose,
      Brief brief,
      LocalDate day,
      Prompt prompt,
      DynamicContext dynamic,
      ContextLimits limits,
      History history,
      Compaction compaction,
      Tokens tokens,
      ContextSources sources) {
    this.chatId = chatId;
    this.purpose = purpose;
    this.brief = brief;
    this.day = day;
    this.prompt = prompt;
    this.dynamic = dynamic;
    this.limits = limits;
    this.history = history;
    this.compaction = compaction;
    this.tokens = tokens;
    this.sources = sources;
  }

  /**
   * The messages of the next request: valid as a history, and within the budget unless the newest
   * messages alone exceed it. May call the model to summarise, and then changes the stored history.
   *
   * @param turn the one that this was begun for
   * @param tools as they will be sent, the same ones in the same order during one turn
   * @param shorten true after the model's server refused the last request as too long
   */
  @Override
  public List<Message> messages(Turn turn, List<ToolDefinition> tools, boolean shorten)
      throws InterruptedException {
    if (shorten) {
      tokens.refused(lastGuess, limits.budgetTokens());
    }
    List<Row> rows = history.rows(chatId);
    List<Group> groups = Sanitiser.groups(rows);
    Frame fixed = frame(tools, Group.summarised(groups));
    List<Group> shown = fit.apply(groups);
    boolean midTurn = !groups.isEmpty() && !groups.getLast().user();
    if (midTurn && (shorten || fill(fixed, shown) >= limits.threshold())) {
      shown = fit.stubOldest(groups, historyGuess(fixed, RELIEF_TARGET));
    }
    boolean full = fill(fixed, shown) >= limits.threshold();
    boolean many = Group.rowCount(groups) > limits.rowsMax();
    if ((full || many || shorten)
        && !compactionFailed
        && compact(turn, fixed, tools, rows, groups, shown, shorten || many)) {
      shown = fit.apply(Sanitiser.groups(history.rows(chatId)));
      fixed = frame(tools, true);
    }
    shown = RequestFit.force(shown, historyGuess(fixed, 1));
    lastGuess = fixed.guess + Group.guess(shown);
    return assemble(fixed, shown);
  }

  /** What the request made last has cost. */
  @Override
  public void observed(Turn turn, Usage usage) {
    Integer prompt = usage.promptTokens();
    if (prompt != null) {
      tokens.observed(lastGuess, prompt);
    }
  }

  /**
   * Made once for the turn. Only a compaction changes it, which changes all that follows anyway:
   * what is left to do is told from then on.
   *
   * @param summarised what was planned may be out of sight
   */
  private Frame frame(List<ToolDefinition> tools, boolean summarised) {
    Frame known = frame;
    boolean todos = summarised && purpose != Purpose.SUBAGENT;
    if (known != null && (known.todos || !todos)) {
      return known;
    }
    List<String> names = tools.stream().map(ToolDefinition::name).toList();
    Message.System system =
        known == null
            ? new Message.System(prompt.system(purpose, day, names) + brief.section())
            : known.system;
    DynamicContext.Update told =
        known == null ? dynamic.update(chatId, purpose, day, Set.copyOf(names)) : known.told;
    if (todos) {
      told = dynamic.withTodos(told);
    }
    Optional<Message.User> update = told.message();
    long guess =
        (long) Tokens.guess(system)
            + Tokens.guess(tools)
            + update.map(message -> Tokens.guess(message)).orElse(0);
    Frame made = new Frame(system, told, update, guess, todos);
    frame = made;
    return made;
  }

  /** Size of a request as a share of the budget. */
  private double fill(Frame fixed, List<Group> groups) {
    return (double) tokens.of(fixed.guess + Group.guess(groups)) / limits.budgetTokens();
  }

  /** What the history may be guessed at when a request is to take this share of the budget. */
  private long historyGuess(Frame fixed, double share) {
    return Math.max(0, tokens.guessFor((int) (limits.budgetTokens() * share)) - fixed.guess);
  }

  /**
   * @param must even when little is gained
   */
  private boolean compact(
      Turn turn,
      Frame fixed,
      List<ToolDefinition> tools,
      List<Row> rows,
      List<Group> groups,
      List<Group> shown,
      boolean must)
      throws InterruptedException {
    int keepRows = limits.keepRows(fill(fixed, shown));
    long keepGuess = historyGuess(fixed, limits.threshold() * TAIL_SHARE);
    Cut cut = Cut.of(shown, keepRows, Math.min(limits.keepRowsMin(), keepRows), (int) keepGuess);
    List<Group> leaving = cut.leaving().stream().map(groups::get).toList();
    int leavingTokens = tokens.of(Group.guess(leaving));
    if (leaving.isEmpty() || (!must && leavingTokens < LEAVING_MIN * limits.budgetTokens())) {
      return false;
    }
    // With a request that stays among them, so that the summary knows what the rest was done for.
    List<Group> summarised = groups.subList(0, cut.leaving().getLast() + 1);
    boolean flush = sources.flush() && purpose != Purpose.SUBAGENT;
    Optional<Compaction.Summary> summary =
        compaction.summarise(
            turn.id(), fixed.system, tools, summarised, limits.budgetTokens(), flush);
    if (summary.isEmpty()) {
      compactionFailed = true; // Not again at every step of this turn.
      return false;
    }
    if (!summary.get().facts().isEmpty()) {
      sources.keeper().keep(chatId, summary.get().facts(), Group.untrusted(summarised));
    }
    List<Long> leavingIds = leavingIds(rows, groups, cut);
    String row = Compaction.row(summary.get().text());
    history.compact(chatId, leavingIds, row, Compaction.ACKNOWLEDGEMENT);
    LOG.log(
        System.Logger.Level.INFO,
        "context.compacted chat={0} rows={1} kept={2} tokens={3,number,#}",
        chatId,
        leavingIds.size(),
        rows.size() - leavingIds.size(),
        leavingTokens);
    return true;
  }

  /** Also the rows that are in no group: nothing will ever be made of them. */
  private static List<Long> leavingIds(List<Row> rows, List<Group> groups, Cut cut) {
    Set<Long> staying = new HashSet<>();
    for (int i = 0; i < groups.size(); i++) {
      if (!cut.leaving().contains(i)) {
        groups.get(i).rows().forEach(row -> staying.add(row.id()));
      }
    }
    return rows.stream().map(Row::id).filter(id -> !staying.contains(id)).toList();
  }

  private static List<Message> assemble(Frame fixed, List<Group> groups) {
    List<Message> messages = new ArrayList<>();
    messages.add(fixed.system);
    int newestUser = RequestFit.newestUser(groups);
    for (int i = 0; i < groups.size(); i++) {
      if (i == Math.max(newestUser, 0)) {
        fixed.update.ifPresent(messages::add);
      }
      groups.get(i).rows().forEach(row -> messages.add(row.message()));
    }
    return List.copyOf(messages);
  }

  /**
   * What surrounds the rows.
   *
   * @param todos what is left to do is part of it
   */
  private record Frame(
      Message.System system,
      DynamicContext.Update told,
      Optional<Message.User> update,
      long guess,
      boolean todos) {}
}
