package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.APPROVALS;
import static ai.liberclaw.db.agent.Tables.APPROVAL_RULES;

import ai.liberclaw.agent.approval.Approval;
import ai.liberclaw.agent.approval.ApprovalBook;
import ai.liberclaw.agent.approval.ApprovalRule;
import ai.liberclaw.agent.approval.ApprovalStatus;
import ai.liberclaw.agent.approval.CallArguments;
import ai.liberclaw.agent.approval.Question;
import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.turn.Journal.Intent;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEvent;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Records;
import org.jooq.SelectField;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Questions about tool calls, their answers, and what was allowed for good. */
public final class ApprovalStore implements ApprovalBook {
  private static final String PENDING = ApprovalStatus.PENDING.wireName();

  private static final List<SelectField<?>> COLUMNS =
      List.of(
          APPROVALS.ID,
          APPROVALS.CHAT_ID,
          APPROVALS.PAYLOAD,
          APPROVALS.ARGUMENTS_HASH,
          APPROVALS.STATUS,
          APPROVALS.DECIDED_BY,
          APPROVALS.DECIDED_AT,
          APPROVALS.EXPIRES_AT,
          APPROVALS.CREATED_AT);

  private final DSLContext sql;
  private final CommitQueue commits;
  private final EventStore events;
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets in what is stored
   */
  public ApprovalStore(
      DSLContext sql, CommitQueue commits, EventStore events, UnaryOperator<String> mask) {
    this.sql = sql;
    this.commits = commits;
    this.events = events;
    this.mask = mask;
  }

  @Override
  public boolean isCovered(String turnId, String tool, String reason, String argumentsHash) {
    return sql.fetchExists(
            APPROVAL_RULES,
            APPROVAL_RULES.TOOL.eq(tool).and(APPROVAL_RULES.ARGUMENTS_HASH.eq(argumentsHash)))
        || find(
                APPROVALS
                    .TURN_ID
                    .eq(turnId)
                    .and(APPROVALS.STATUS.eq(ApprovalStatus.TURN.wireName())))
            .stream()
            .anyMatch(given ->
                given.tool().equals(tool) && given.question().reason().equals(mask.apply(reason)));
  }

  @Override
  public Optional<Approval> find(String id) {
    return find(APPROVALS.ID.eq(id)).stream().findFirst();
  }

  @Override
  public Optional<Approval> ofCall(String turnId, int step, int position) {
    return find(
            APPROVALS
                .TURN_ID
                .eq(turnId)
                .and(APPROVALS.STEP.eq(step))
                .and(APPROVALS.POSITION.eq(position)))
        .stream()
        .findFirst();
  }

  @Override
  public List<Approval> open(Optional<String> chatId) {
    return find(
        ofChat(chatId)
            .and(APPROVALS.STATUS.eq(PENDING))
            .and(APPROVALS.EXPIRES_AT.gt(System.currentTimeMillis())));
  }

  @Override
  public List<Approval> newest(Optional<String> chatId, int limit) {
    return sql.select(COLUMNS)
        .from(APPROVALS)
        .where(ofChat(chatId))
        .orderBy(APPROVALS.CREATED_AT.desc(), APPROVALS.ID)
        .limit(limit)
        .fetch(ApprovalStore::approval);
  }

  @Override
  public boolean decide(String id, ApprovalStatus decision, String by) {
    return commits.commit(tx -> {
      long now = System.currentTimeMillis();
      if (!close(tx, APPROVALS.ID.eq(id).and(APPROVALS.EXPIRES_AT.gt(now)), decision, by)) {
        return false;
      }
      if (decision == ApprovalStatus.ALWAYS) {
        tx.sql()
            .select(COLUMNS)
            .from(APPROVALS)
            .where(APPROVALS.ID.eq(id))
            .fetchOptional(ApprovalStore::approval)
            .ifPresent(allowed -> insertRule(tx, allowed, by, now));
      }
      return true;
    });
  }

  @Override
  public void expire(String id) {
    commits.run(tx -> {
      boolean ignored = close(tx, APPROVALS.ID.eq(id), ApprovalStatus.EXPIRED, null);
    });
  }

  @Override
  public List<ApprovalRule> rules() {
    return sql.select(
            APPROVAL_RULES.ID,
            APPROVAL_RULES.TOOL,
            APPROVAL_RULES.ARGUMENTS,
            APPROVAL_RULES.DECIDED_BY,
            APPROVAL_RULES.CREATED_AT)
        .from(APPROVAL_RULES)
        .orderBy(APPROVAL_RULES.CREATED_AT, APPROVAL_RULES.ID)
        .fetch(Records.mapping(ApprovalRule::new));
  }

  @Override
  public boolean deleteRule(String id) {
    return commits.commit(
        tx -> tx.sql().deleteFrom(APPROVAL_RULES).where(APPROVAL_RULES.ID.eq(id)).execute() > 0);
  }

  /** Stores what is asked about a call. */
  void insert(Transaction tx, Turn turn, Intent intent, Question question) {
    String payload =
        Json.write(
            Json.object()
                .put("tool", intent.call().name())
                .put("arguments", mask.apply(intent.call().arguments()))
                .put("reason", mask.apply(question.reason())));
    tx.sql()
        .insertInto(APPROVALS)
        .set(APPROVALS.ID, question.id())
        .set(APPROVALS.TURN_ID, turn.id())
        .set(APPROVALS.CHAT_ID, turn.chatId())
        .set(APPROVALS.STEP, intent.step())
        .set(APPROVALS.POSITION, intent.position())
        .set(APPROVALS.PAYLOAD, payload)
        .set(APPROVALS.ARGUMENTS_HASH, question.argumentsHash())
        .set(APPROVALS.EXPIRES_AT, question.expiresAt())
        .set(APPROVALS.CREATED_AT, question.createdAt())
        .execute();
  }

  /** Withdraws the question that a turn waits for, if it waits. */
  void cancel(Transaction tx, Turn turn) {
    boolean ignored = close(tx, APPROVALS.TURN_ID.eq(turn.id()), ApprovalStatus.CANCELLED, null);
  }

  /**
   * Closes a question and tells the readers of its chat.
   *
   * @param which pending ones, of which at most one fits
   * @return false when none does
   */
  private boolean close(
      Transaction tx, Condition which, ApprovalStatus status, @Nullable String by) {
    Optional<Record> open =
        tx.sql()
            .select(APPROVALS.ID, APPROVALS.CHAT_ID, APPROVALS.TURN_ID)
            .from(APPROVALS)
            .where(which)
            .and(APPROVALS.STATUS.eq(PENDING))
            .fetchOptional(row -> row);
    if (open.isEmpty()) {
      return false;
    }
    String id = open.get().get(APPROVALS.ID);
    tx.sql()
        .update(APPROVALS)
        .set(APPROVALS.STATUS, status.wireName())
        .set(APPROVALS.DECIDED_BY, by)
        .set(APPROVALS.DECIDED_AT, System.currentTimeMillis())
        .where(APPROVALS.ID.eq(id))
        .execute();
    events.append(
        tx,
        open.get().get(APPROVALS.CHAT_ID),
        open.get().get(APPROVALS.TURN_ID),
        List.of(new TurnEvent.ApprovalResolved(id, status.wireName())));
    return true;
  }

  private static void insertRule(Transaction tx, Approval allowed, String by, long now) {
    tx.sql()
        .insertInto(APPROVAL_RULES)
        .set(APPROVAL_RULES.ID, UUID.randomUUID().toString())
        .set(APPROVAL_RULES.TOOL, allowed.tool())
        .set(APPROVAL_RULES.ARGUMENTS, CallArguments.of(allowed.input()).canonical())
        .set(APPROVAL_RULES.ARGUMENTS_HASH, allowed.question().argumentsHash())
        .set(APPROVAL_RULES.DECIDED_BY, by)
        .set(APPROVAL_RULES.CREATED_AT, now)
        .onConflictDoNothing()
        .execute();
  }

  private static Condition ofChat(Optional<String> chatId) {
    return chatId.map(APPROVALS.CHAT_ID::eq).orElse(DSL.noCondition());
  }

  private List<Approval> find(Condition which) {
    return sql.select(COLUMNS)
        .from(APPROVALS)
        .where(which)
        .orderBy(APPROVALS.CREATED_AT, APPROVALS.ID)
        .fetch(ApprovalStore::approval);
  }

  private static Approval approval(Record row) {
    JsonNode payload = Json.parse(row.get(APPROVALS.PAYLOAD));
    @Nullable String by = row.get(APPROVALS.DECIDED_BY);
    Optional<Approval.Answer> answer =
        by == null
            ? Optional.empty()
            : Optional.of(new Approval.Answer(by, row.get(APPROVALS.DECIDED_AT)));
    return new Approval(
        new Question(
            row.get(APPROVALS.ID),
            payload.path("reason").asText(),
            row.get(APPROVALS.ARGUMENTS_HASH),
            row.get(APPROVALS.CREATED_AT),
            row.get(APPROVALS.EXPIRES_AT)),
        row.get(APPROVALS.CHAT_ID),
        payload.path("tool").asText(),
        payload.path("arguments").asText(),
        ApprovalStatus.of(row.get(APPROVALS.STATUS)),
        answer);
  }
}
