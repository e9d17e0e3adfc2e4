package ai.liberclaw.api.usage;

import ai.liberclaw.core.config.EnvReader;
import java.util.Map;

/**
 * How many chat messages each tier may send per UTC day. An unknown tier counts as free. How many
 * agents it may have is the control plane's {@code Quotas}.
 */
public record TierLimits(Map<String, Integer> messagesPerDay) {
  private static final int MAX = 1_000_000_000;

  public TierLimits {
    messagesPerDay = Map.copyOf(messagesPerDay);
  }

  /** Reads the three variables. */
  public static TierLimits read(EnvReader env) {
    int guest = messages(env, "GUEST", 10);
    int free = messages(env, "FREE", 100);
    int pro = messages(env, "PRO", 1000);
    return new TierLimits(Map.of("guest", guest, "free", free, "pro", pro));
  }

  public int messagesPerDay(String tier) {
    Integer limit = messagesPerDay.get(tier);
    return limit == null ? messagesPerDay.getOrDefault("free", 0) : limit;
  }

  private static int messages(EnvReader env, String tier, int defaultValue) {
    return (int)
        env.integer(
            "LIBERCLAW_" + tier + "_DAILY_MESSAGES",
            defaultValue,
            0,
            MAX,
            "chat messages per UTC day");
  }
}
