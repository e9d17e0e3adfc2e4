package ai.liberclaw.agent.events;

import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.RUNTIME_EVENTS;
import static ai.liberclaw.db.agent.Tables.TOOL_CALLS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/**
 * The events of a chat as one list: its event log, and between those events the few that no stream
 * carries, which have a table of their own.
 */
public final class RuntimeEventStore {
  private static final Pattern SKILL = Pattern.compile("skills/([A-Za-z0-9._-]{1,80})/SKILL\\.md");

  /** Events that no stream carries are few; of very many the oldest are not listed. */
  private static final int LOOKED_AT_MAX = 5_000;

  private final DSLContext sql;
  private final CommitQueue commits;
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets in what is stored
   */
  public RuntimeEventStore(DSLContext sql, CommitQueue commits, UnaryOperator<String> mask) {
    this.sql = sql;
    this.commits = commits;
    this.mask = mask;
  }

  /**
   * Records what no stream carries.
   *
   * @param type such as {@code watcher.triggered}
   */
  public void add(String chatId, String type, ObjectNode payload) {
    String json = mask.apply(Json.write(payload));
    commits.run(tx ->
        tx.sql()
            .insertInto(RUNTIME_EVENTS)
            .set(RUNTIME_EVENTS.CHAT_ID, chatId)
            .set(RUNTIME_EVENTS.TYPE, type)
            .set(RUNTIME_EVENTS.PAYLOAD, json)
            .set(RUNTIME_EVENTS.CREATED_AT, Timestamps.now())
            .execute());
  }

  /** Records which skills' instructions a turn has read. */
  public void recordSkills(String chatId, String turnId) {
    for (String skill : skillsRead(turnId)) {
      add(chatId, "skill.loaded", Json.object().put("skill", skill).put("turn_id", turnId));
    }
  }

  private Set<String> skillsRead(String turnId) {
    Set<String> skills = new TreeSet<>();
    sql.select(TOOL_CALLS.ARGUMENTS)
        .from(TOOL_CALLS)
        .where(TOOL_CALLS.TURN_ID.eq(turnId))
        .and(TOOL_CALLS.NAME.in("read_file", "read_many_files"))
        .and(TOOL_CALLS.ARGUMENTS.contains("SKILL.md"))
        .fetch(TOOL_CALLS.ARGUMENTS)
        .forEach(arguments ->
            SKILL.matcher(arguments).results().forEach(path -> skills.add(path.group(1))));
    return skills;
  }

  /**
   * Events in their order.
   *
   * @param after a number: those that follow it, from the oldest on; absent: the newest ones
   * @param limit at most so many
   */
  List<RuntimeEvent> events(String chatId, Optional<Long> after, int limit) {
    Condition wanted =
        EVENTS.CHAT_ID.eq(chatId).and(after.map(EVENTS.SEQ::gt).orElse(DSL.noCondition()));
    List<RuntimeEvent> events =
        new ArrayList<>(
            sql.select(EVENTS.SEQ, EVENTS.TYPE, EVENTS.JSON, EVENTS.CREATED_AT)
                .from(EVENTS)
                .where(wanted)
                .orderBy(after.isPresent() ? EVENTS.SEQ.asc() : EVENTS.SEQ.desc())
                .limit(limit)
                .fetch(
                    r -> new RuntimeEvent(r.value1(), null, r.value2(), r.value3(), r.value4())));
    if (after.isEmpty()) {
      Collections.reverse(events);
    }
    boolean more = events.size() == limit;
    long from = after.map(seq -> timeOf(chatId, seq)).orElse(Long.MIN_VALUE);
    if (after.isEmpty() && more) {
      from = events.getFirst().createdAtMs();
    }
    long to = after.isPresent() && more ? events.getLast().createdAtMs() : Long.MAX_VALUE;
    // A page that repeats what came after its first number must still get beyond that number.
    int room = after.isPresent() && !events.isEmpty() ? limit / 2 : limit;
    List<RuntimeEvent> all = merged(events, unnumbered(chatId, from, to, room), after.orElse(0L));
    int size = all.size();
    return after.isPresent()
        ? all.subList(0, Math.min(limit, size))
        : all.subList(Math.max(0, size - limit), size);
  }

  /** Each event that no stream carries, after the last event that had happened by then. */
  private static List<RuntimeEvent> merged(
      List<RuntimeEvent> numbered, List<RuntimeEvent> others, long before) {
    List<RuntimeEvent> all = new ArrayList<>(numbered);
    for (RuntimeEvent other : others) {
      long seq = before;
      for (RuntimeEvent event : numbered) {
        if (event.createdAtMs() <= other.createdAtMs()) {
          seq = event.seq();
        }
      }
      all.add(
          new RuntimeEvent(
              seq, other.runtimeId(), other.type(), other.payload(), other.createdAtMs()));
    }
    // Stable: numbered events were added first, the others are in their order.
    all.sort(Comparator.comparingLong(RuntimeEvent::seq));
    return all;
  }

  private List<RuntimeEvent> unnumbered(String chatId, long fromMs, long toMs, int limit) {
    List<RuntimeEvent> newestFirst =
        sql.select(
                RUNTIME_EVENTS.ID,
                RUNTIME_EVENTS.TYPE,
                RUNTIME_EVENTS.PAYLOAD,
                RUNTIME_EVENTS.CREATED_AT)
            .from(RUNTIME_EVENTS)
            .where(RUNTIME_EVENTS.CHAT_ID.eq(chatId))
            .orderBy(RUNTIME_EVENTS.ID.desc())
            .limit(LOOKED_AT_MAX)
            .fetch(r ->
                new RuntimeEvent(
                    0, r.value1(), r.value2(), r.value3(), Timestamps.millis(r.value4())));
    List<RuntimeEvent> within =
        newestFirst.stream()
            .filter(event -> event.createdAtMs() >= fromMs && event.createdAtMs() <= toMs)
            .limit(limit)
            .toList();
    return within.reversed();
  }

  private long timeOf(String chatId, long seq) {
    return sql.select(EVENTS.CREATED_AT)
        .from(EVENTS)
        .where(EVENTS.CHAT_ID.eq(chatId))
        .and(EVENTS.SEQ.eq(seq))
        .fetchOptional(EVENTS.CREATED_AT)
        .orElse(Long.MIN_VALUE);
  }
}
