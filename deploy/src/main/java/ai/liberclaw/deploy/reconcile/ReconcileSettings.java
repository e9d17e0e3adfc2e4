package ai.liberclaw.deploy.reconcile;

import ai.liberclaw.core.config.EnvReader;
import java.time.Duration;

/**
 * How careful the comparison is.
 *
 * @param interval between comparisons
 * @param young what is not older is left out: its row may be on its way
 * @param quarantine what nobody owns is left alone so long before it is destroyed
 * @param destroyedMax so many, or {@link #PERCENT_MAX} percent of the inventory if that is more,
 *     may be destroyed in a day; beyond it the operator is asked
 * @param failedKept a machine that costs money and on which its agent never ran is kept so long
 * @param inventoryTime how long one provider's inventory may take
 * @param discardTime how long one destruction may take
 */
public record ReconcileSettings(
    Duration interval,
    Duration young,
    Duration quarantine,
    int destroyedMax,
    Duration failedKept,
    Duration inventoryTime,
    Duration discardTime) {
  static final int PERCENT_MAX = 10;

  private static final int DESTROYED_MAX_MAX = 1_000_000;
  private static final int FAILED_KEPT_HOURS_MAX = 8760;

  /** Reads the variables. */
  public static ReconcileSettings read(EnvReader env) {
    return new ReconcileSettings(
        env.seconds("LIBERCLAW_RECONCILE_INTERVAL", 600, 10, "between looks for lost machines"),
        Duration.ofMinutes(30),
        env.seconds(
            "LIBERCLAW_ORPHAN_QUARANTINE", 7200, 60, "until a machine nobody owns is destroyed"),
        Math.toIntExact(
            env.integer(
                "LIBERCLAW_ORPHANS_DESTROYED_PER_DAY",
                3,
                0,
                DESTROYED_MAX_MAX,
                "machines nobody owns destroyed unasked, or 10 % of all if that is more")),
        Duration.ofHours(
            env.integer(
                "LIBERCLAW_FAILED_KEPT_HOURS",
                24,
                0,
                FAILED_KEPT_HOURS_MAX,
                "a rented machine is kept on which its agent never ran")),
        Duration.ofMinutes(2),
        Duration.ofMinutes(10));
  }

  /** How many may be destroyed in a day without asking. */
  int allowed(int inventory) {
    return destroyedMax == 0 ? 0 : Math.max(destroyedMax, inventory * PERCENT_MAX / 100);
  }
}
