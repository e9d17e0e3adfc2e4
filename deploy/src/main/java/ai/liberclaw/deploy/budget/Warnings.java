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
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * Tells of budgets of which four fifths are spent: owners once per period, by an event of their
 * feed and, where it is an agent's, a message in its chat; the operator by an alarm, which ends
 * with the period.
 */
final class Warnings {
  private static final Logger LOG = System.getLogger(Warnings.class.getName());

  private static final int BATCH_ROWS = 200;
  private static final String EVENT = "budget_warning";
  private static final String ALARM = "budget-";

  private final DSLContext sql;
  private final Clock clock;

  Warnings(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  /**
   * A budget that is nearly spent.
   *
   * @param subject id of the agent or user, name of the tier, empty for the site
   */
  record Near(Scope scope, String subject, Period period, Unit unit, long max, long spent) {
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
      for (Near near : told) {
        LOG.log(
            Level.INFO,
            "budget.nearly_spent scope=%s subject=%s period=%s unit=%s"
                .formatted(
                    near.scope().key(), near.subject(), near.period().key(), near.unit().key()));
      }
    } while (told.size() == BATCH_ROWS);
    tellOperator(now);
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
    switch (near.scope()) {
      case AGENT -> OwnerNoticeStore.tell(tx, id, EVENT, facts, text(near, now), now);
      case USER -> WarningStore.userEvent(tx, id, EVENT, facts);
      case TIER, SITE -> throw new IllegalArgumentException("no owner: " + near);
    }
  }

  private static String text(Near near, Instant now) {
    return "%s of this agent's %s budget is spent: %s of %s. It starts anew on %s (UTC)."
        .formatted(
            near.percent() + " %",
            switch (near.period()) {
              case DAY -> "daily";
              case MONTH -> "monthly";
            },
            near.unit().text(near.spent()),
            near.unit().text(near.max()),
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
            near.spent() >= near.max() ? Alarm.Level.CRITICAL : Alarm.Level.WARNING,
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
