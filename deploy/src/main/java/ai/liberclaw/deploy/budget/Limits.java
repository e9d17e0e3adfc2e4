package ai.liberclaw.deploy.budget;

import java.util.List;
import java.util.Map;
import org.jooq.DSLContext;

/** What may be spent, by whom. A change holds from the next call on, on every server. */
public final class Limits {
  private final DSLContext sql;

  public Limits(DSLContext sql) {
    this.sql = sql;
  }

  /**
   * One limit.
   *
   * @param configured by variables; it counts when none is set
   */
  public record Known(LimitTarget target, Period period, boolean configured, Limit limit) {}

  /** Takes over what this server is configured with. */
  public void configure(LimitSettings settings) {
    sql.transaction(tx -> LimitStore.configure(tx.dsl(), settings.limits()));
  }

  /** From now on these, instead of what was set or is configured; periods left out have none. */
  public void set(LimitTarget target, Map<Period, Limit> limits) {
    sql.transaction(tx -> LimitStore.set(tx.dsl(), target, limits));
  }

  /** What is configured counts again; false when nothing was set. */
  public boolean clear(LimitTarget target) {
    return LimitStore.clear(sql, target);
  }

  /** What was set for one; periods without are absent. */
  public Map<Period, Limit> of(LimitTarget target) {
    return LimitStore.set(sql, target);
  }

  /** All but those that owners set for agents. */
  public List<Known> all() {
    return LimitStore.list(sql);
  }
}
