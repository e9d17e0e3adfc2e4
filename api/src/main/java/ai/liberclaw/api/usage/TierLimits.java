package ai.liberclaw.api.usage;

import ai.liberclaw.core.config.EnvReader;
import java.util.Map;

/**
 * What each tier may use. An unknown tier counts as free.
 *
 * @param messagesPerDay accepted chat messages
 * @param agents agents in any state
 */
public record TierLimits(Map<String, Integer> messagesPerDay, Map<String, Integer> agents) {
  private static final int MAX = 1_000_000_000;

  public TierLimits {
    messagesPerDay = Map.copyOf(messagesPerDay);
    agents = Map.copyOf(agents);
  }

  /** Reads the six variables. */
  public static TierLimits read(EnvReader env) {
    int guestMessages = messages(env, "GUEST", 10);
    int guestAgents = agents(env, "GUEST", 1);
    int freeMessages = messages(env, "FREE", 100);
    int freeAgents = agents(env, "FREE", 3);
    int proMessages = messages(env, "PRO", 1000);
    int proAgents = agents(env, "PRO", 20);
    return new TierLimits(
        Map.of("guest", guestMessages, "free", freeMessages, "pro", proMessages),
        Map.of("guest", guestAgents, "free", freeAgents, "pro", proAgents));
  }

  public int messagesPerDay(String tier) {
    return of(messagesPerDay, tier);
  }

  public int agents(String tier) {
    return of(agents, tier);
  }

  private static int of(Map<String, Integer> limits, String tier) {
    Integer limit = limits.get(tier);
    return limit == null ? limits.getOrDefault("free", 0) : limit;
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

  private static int agents(EnvReader env, String tier, int defaultValue) {
    return (int)
        env.integer("LIBERCLAW_" + tier + "_MAX_AGENTS", defaultValue, 0, MAX, "agents at a time");
  }
}
