package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.AlephMessageStore;
import ai.liberclaw.deploy.aleph.AlephNetwork;
import ai.liberclaw.deploy.aleph.InstanceContent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Set;

/** Refuses machines that the account could not pay for, and watches how long it can. */
final class CreditGuard {
  static final String ALARM = "aleph-credits";

  private static final Logger LOG = System.getLogger(CreditGuard.class.getName());
  private static final BigDecimal HOUR = BigDecimal.valueOf(3600);
  private static final BigDecimal DAY = BigDecimal.valueOf(86_400);

  /** The network asks for credits for this long before it takes a machine. */
  private static final int NETWORK_HOURS = 24;

  private static final int WARN_HOURS = 72;
  private static final int CRITICAL_HOURS = 24;
  private static final int LAST_HOURS = 6;

  private final AlephNetwork network;
  private final AlephConfig config;
  private final PlatformDatabase database;
  private final Alarms alarms;

  CreditGuard(AlephNetwork network, AlephConfig config, PlatformDatabase database, Alarms alarms) {
    this.network = network;
    this.config = config;
    this.database = database;
    this.alarms = alarms;
  }

  /**
   * Asks what a machine would cost and whether it can be paid for.
   *
   * @throws ai.liberclaw.deploy.provider.ProviderException naming what is lacking
   */
  void require(InstanceContent content) throws InterruptedException {
    try {
      BigDecimal one = network.estimate(content, config.channel());
      AlephNetwork.Costs costs = network.costs(content.address());
      Set<String> waiting = AlephMessageStore.live(database.dsl());
      // Those just ordered are not charged yet, and would be forgotten here.
      waiting.removeAll(costs.hashes());
      int instances = costs.hashes().size() + waiting.size();
      if (instances >= config.spending().instancesMax()) {
        throw Failures.limit("LIBERCLAW_ALEPH_INSTANCES_MAX");
      }
      BigDecimal rate =
          costs.perSecond().add(one.multiply(BigDecimal.valueOf(waiting.size() + 1L)));
      BigDecimal perDayMax = config.spending().perDayMax();
      if (perDayMax.signum() > 0 && rate.multiply(DAY).compareTo(perDayMax) > 0) {
        throw Failures.limit("LIBERCLAW_ALEPH_CREDITS_PER_DAY_MAX");
      }
      BigDecimal hours =
          BigDecimal.valueOf((long) NETWORK_HOURS + config.spending().reserveHours());
      BigDecimal needed = rate.multiply(HOUR).multiply(hours);
      BigDecimal credits = network.credits(content.address());
      if (credits.compareTo(needed) < 0) {
        LOG.log(
            Level.ERROR,
            "aleph.credits_short credits=%s needed=%s".formatted(plain(credits), plain(needed)));
        lacking(
            "Credits for another machine are lacking: there are %s, it takes %s."
                .formatted(plain(credits), plain(needed)));
        throw Failures.credits();
      }
    } catch (AlephException e) {
      throw Failures.network(e);
    }
  }

  /** The network itself said that credits are lacking. */
  void refused() {
    lacking("The Aleph network refused a machine for lack of credits.");
  }

  /** Looks how long the credits last, and raises or clears the alarm. */
  void watch(String address) throws AlephException, InterruptedException {
    BigDecimal perSecond = network.costs(address).perSecond();
    BigDecimal credits = network.credits(address);
    if (perSecond.signum() <= 0) {
      alarms.clear(ALARM);
      return;
    }
    BigDecimal hours = credits.divide(perSecond.multiply(HOUR), 1, RoundingMode.DOWN);
    String message =
        "Credits last %s hours: %s, of which %s go per day."
            .formatted(plain(hours), plain(credits), plain(perSecond.multiply(DAY)));
    if (below(hours, LAST_HOURS)) {
      alarms.raise(ALARM, Alarm.Level.CRITICAL, message + " Machines will be stopped.");
    } else if (below(hours, CRITICAL_HOURS)) {
      alarms.raise(ALARM, Alarm.Level.CRITICAL, message);
    } else if (below(hours, WARN_HOURS)) {
      alarms.raise(ALARM, Alarm.Level.WARNING, message);
    } else {
      alarms.clear(ALARM);
    }
  }

  /** Whether credits are so short that nothing is made in advance. */
  boolean low() {
    return alarms.open().stream().anyMatch(alarm -> alarm.name().equals(ALARM));
  }

  private void lacking(String message) {
    alarms.raise(ALARM, Alarm.Level.CRITICAL, message);
  }

  private static boolean below(BigDecimal hours, int limit) {
    return hours.compareTo(BigDecimal.valueOf(limit)) < 0;
  }

  private static String plain(BigDecimal number) {
    return number.setScale(1, RoundingMode.HALF_UP).toPlainString();
  }
}
