package ai.liberclaw.deploy.budget;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.activity.OwnerNoticeStore;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;

/**
 * Tells of budgets of which four fifths are spent, and of those of which all is or too little is
 * left for a call: owners once per period of each, by an event of their feed and, where it is an
 * agent's, a message in its chat; the operator by an alarm, which ends with the period.
 */
final class Warnings {
  private static final Logger LOG = System.getLogger(Warnings.class.getName());

  private static final int BATCH_ROWS = 200;
  private static final String NEARLY_SPENT = "budget_warning";
  private static final String SPENT = "budget_exhausted";
  private static final String ALARM = "budget-";

  /** A caller that goes on asking costs no more than one look in that time. */
  private static final Duration REFUSAL_EVERY = Duration.ofSeconds(10);

  private static final int REFUSALS_MAX = 10_000;

  private final DSLContext sql;
  private final Clock clock;
  private final Map<Refusing, Instant> refusals = new ConcurrentHashMap<>();

  private record Refusing(Scope scope, String subject, Period period) {}

  Warnings(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  /**
   * A budget that is nearly spent, or is.
   *
   * @param subject id of the agent or user, name of the tier, empty for the site
   * @param refuses whether it was too little for a call
   */
  record Near(
      Scope scope,
      String subject,
      Period period,
      Unit unit,
      long max,
      long spent,
      boolean refuses) {
    boolean exhausted() {
      return refuses || spent >= max;
    }

    Near refusing() {
      return new Near(scope, subject, period, unit, max, spent, true);
    }

    long percent() {
      return max == 0 ? 100 : Math.min(100, (long) (100.0 * (double) spent / (double) max));
    }
  }

  void tell(ClusterTasks.Lease lease) {
    Instant now = clock.instant();
    List<Near> told;
    do {
      told =
          sql.transactionResult(tx -> {
            lease.hold(tx.dsl());
            List<Near> all = WarningStore.owners(tx.dsl(), now, BATCH_ROWS);
            all.forEach(near -> tellOwner(tx.dsl(), near, now));
            return all;
          });
      told.forEach(Warnings::log);
    } while (told.size() == BATCH_ROWS);
    tellOperator(now);
  }

  /** A budget of an agent or user was too little for a call; does not fail. */
  void refused(Scope scope, String subject, Period period) {
    Instant now = clock.instant();
    Refusing refusing = new Refusing(scope, subject, period);
    Instant last = refusals.get(refusing);
    if (last != null && now.isBefore(last.plus(REFUSAL_EVERY))) {
      return;
    }
    if (refusals.size() >= REFUSALS_MAX) {
      refusals.clear();
    }
    refusals.put(refusing, now);
    try {
      sql.transactionResult(
              tx -> {
                Optional<Near> near = WarningStore.refusing(tx.dsl(), scope, subject, period, now);
                near.ifPresent(each -> tellOwner(tx.dsl(), each, now));
                return near;
              })
          .ifPresent(Warnings::log);
    } catch (DataAccessException e) {
      LOG.log(Level.WARNING, "budget.refusal_not_told scope=" + scope.key(), e);
    }
  }

  private static void log(Near near) {
    LOG.log(
        Level.INFO,
        "%s scope=%s subject=%s period=%s unit=%s"
            .formatted(
                near.exhausted() ? "budget.exhausted" : "budget.nearly_spent",
                near.scope().key(),
                near.subject(),
                near.period().key(),
                near.unit().key()));
  }

  private static void tellOwner(DSLContext tx, Near near, Instant now) {
    ObjectNode facts =
        Json.object()
            .put("scope", near.scope().key())
            .put("period", near.period().key())
            .put("unit", near.unit().key())
            .put("limit", near.max())
            .put("spent", near.spent())
            .put("percent", near.percent());
    UUID id = UUID.fromString(near.subject());
    String event = near.exhausted() ? SPENT : NEARLY_SPENT;
    switch (near.scope()) {
      case AGENT -> OwnerNoticeStore.tell(tx, id, event, facts, text(near, now), now);
      case USER -> WarningStore.userEvent(tx, id, event, facts);
      case TIER, SITE -> throw new IllegalArgumentException("no owner: " + near);
    }
  }

  private static String text(Near near, Instant now) {
    return "%s of this agent's %s budget is spent: %s of %s. %s on %s (UTC)."
        .formatted(
            near.spent() >= near.max() ? "All" : near.percent() + " %",
            switch (near.period()) {
              case DAY -> "daily";
              case MONTH -> "monthly";
            },
            near.unit().text(near.spent()),
            near.unit().text(near.max()),
            near.exhausted() ? "Models are refused until that starts anew" : "It starts anew",
            near.period().start(near.period().end(now)));
  }

  private void tellOperator(Instant now) {
    Alarms alarms = new Alarms(sql);
    Set<String> holding = new HashSet<>();
    for (Near near : WarningStore.shared(sql, now)) {
      String name = alarm(near);
      if (holding.add(name)) {
        alarms.raise(
            name,
            near.exhausted() ? Alarm.Level.CRITICAL : Alarm.Level.WARNING,
            "%s %s budget is spent to %d %%: %s of %s"
                .formatted(
                    near.scope() == Scope.SITE ? "the site's" : "tier " + near.subject() + "'s",
                    near.period().key(),
                    near.percent(),
                    near.unit().text(near.spent()),
                    near.unit().text(near.max())));
      }
    }
    for (Alarm open : alarms.open()) {
      if (open.name().startsWith(ALARM) && !holding.contains(open.name())) {
        alarms.clear(open.name());
      }
    }
  }

  private static String alarm(Near near) {
    return ALARM
        + near.scope().key()
        + (near.subject().isEmpty() ? "" : "-" + near.subject())
        + "-"
        + near.period().key();
  }
}
