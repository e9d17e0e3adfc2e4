package ai.liberclaw.deploy.budget;

import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** What was used and spent, for people to read. */
public final class Meters {
  private final DSLContext sql;
  private final Clock clock;

  public Meters(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  /** Today and this month of one agent, within the given transaction. */
  public static Map<Period, Spending> in(DSLContext tx, UUID agent, Instant now) {
    return MeterStore.agents(tx, List.of(agent), now).getOrDefault(agent, Map.of());
  }

  /** What agents spent today and this month; those that spent nothing are absent. */
  public Map<UUID, Map<Period, Spending>> agents(Collection<UUID> agents) {
    return MeterStore.agents(sql, agents, clock.instant());
  }

  /** Today and this month of one agent; empty when it is not that user's. */
  public Optional<Map<Period, Spending>> agent(UUID owner, UUID agent) {
    return MeterStore.owns(sql, owner, agent)
        ? Optional.of(agents(List.of(agent)).getOrDefault(agent, Map.of()))
        : Optional.empty();
  }

  /** Today and this month of one user; empty when the user is gone. */
  public Map<Period, Allowance> allowances(UUID user) {
    return MeterStore.allowances(sql, user, clock.instant());
  }

  /** Rows in the order of days, newest first, then by agent and model. */
  public List<UsageRow> rows(UsageQuery query) {
    return MeterStore.rows(sql, query);
  }

  /** The sum over all rows, whatever the page. */
  public UsageRow total(UsageQuery query) {
    return MeterStore.total(sql, query);
  }

  public Instant now() {
    return clock.instant();
  }
}
