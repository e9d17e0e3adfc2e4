package ai.liberclaw.api.chat;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.idempotency.IdempotencyKey;
import ai.liberclaw.api.idempotency.IdempotencyStore;
import ai.liberclaw.api.usage.TierLimits;
import ai.liberclaw.api.usage.UsageStore;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.activity.ActivityStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;

/** Counts accepted messages, and gives back those that reached no agent. */
final class MessageQuota {
  private final DSLContext sql;
  private final UsageStore usage;
  private final TierLimits limits;
  private final Clock clock;
  private final IdempotencyStore keys = new IdempotencyStore();

  MessageQuota(DSLContext sql, UsageStore usage, TierLimits limits, Clock clock) {
    this.sql = sql;
    this.usage = usage;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * A message that was accepted.
   *
   * @param countedOn the day it was counted; empty for a repeat, which is not counted again
   */
  record Accepted(
      Caller caller, Optional<IdempotencyStore.Request> request, Optional<LocalDate> countedOn) {
    boolean isRepeat() {
      return countedOn.isEmpty();
    }
  }

  /**
   * Counts a message and notes its event, or recognises a repeat, in one transaction.
   *
   * @throws Refusal 429 when the day's messages are used up, 422 for a key of another message
   */
  Accepted accept(Caller caller, ChatAgent agent, ChatMessage message) {
    Optional<IdempotencyStore.Request> request = request(caller, agent, message);
    if (request.isEmpty()) {
      // One statement is a transaction by itself.
      return new Accepted(caller, request, Optional.of(count(sql, caller, agent)));
    }
    return sql.transactionResult(tx ->
        switch (keys.claim(tx.dsl(), request.get(), now())) {
          case FIRST -> new Accepted(caller, request, Optional.of(count(tx.dsl(), caller, agent)));
          case REPEAT -> new Accepted(caller, request, Optional.empty());
          case OTHER_REQUEST -> throw IdempotencyKey.usedOtherwise();
        });
  }

  private LocalDate count(DSLContext sql, Caller caller, ChatAgent agent) {
    return usage
        .take(
            sql,
            caller.userId(),
            limits.messagesPerDay(caller.tier()),
            counted ->
                ActivityStore.publicEventFor(
                    counted,
                    caller.userId(),
                    agent.id(),
                    "chat_message",
                    ActivityStore.named(agent.name())))
        .orElseThrow(this::dayIsUsedUp);
  }

  /** Whether a message under this key was accepted before; nothing is counted or kept. */
  boolean isRepeat(Caller caller, ChatAgent agent, ChatMessage message) {
    Optional<IdempotencyStore.Request> request = request(caller, agent, message);
    return request.isPresent()
        && sql.transactionResult(tx -> {
          IdempotencyStore.Claim claim = keys.claim(tx.dsl(), request.get(), now());
          if (claim == IdempotencyStore.Claim.FIRST) {
            keys.forget(tx.dsl(), request.get());
          }
          return claim == IdempotencyStore.Claim.REPEAT;
        });
  }

  /** Until the next UTC day. */
  private Refusal dayIsUsedUp() {
    Instant now = clock.instant();
    Instant tomorrow = now.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
    return new Refusal(
        429,
        "Daily message limit reached",
        Map.of("Retry-After", Long.toString(Duration.between(now, tomorrow).toSeconds() + 1)));
  }

  private static Optional<IdempotencyStore.Request> request(
      Caller caller, ChatAgent agent, ChatMessage message) {
    return message
        .key()
        .map(key ->
            new IdempotencyStore.Request(
                caller.userId(), "/chat/" + agent.id(), key, message.hash()));
  }

  /** Undoes {@link #accept} for a message that reached nobody. */
  void giveBack(Accepted accepted) {
    if (accepted.isRepeat()) {
      return;
    }
    sql.transaction(tx -> {
      accepted
          .countedOn()
          .ifPresent(day -> usage.giveBack(tx.dsl(), accepted.caller().userId(), day));
      accepted.request().ifPresent(request -> keys.forget(tx.dsl(), request));
    });
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
