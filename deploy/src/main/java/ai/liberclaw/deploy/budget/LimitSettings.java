package ai.liberclaw.deploy.budget;

import ai.liberclaw.core.config.EnvReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Configured limits. What the operator's command sets counts instead. */
public record LimitSettings(Map<LimitTarget, Map<Period, Limit>> limits) {
  private static final Map<String, String> EACH =
      Map.of("guest", "0.5 USD/day", "free", "2 USD/day", "pro", "20 USD/day");

  public LimitSettings {
    limits = Map.copyOf(limits);
  }

  /** Reads the variables. */
  public static LimitSettings read(EnvReader env) {
    Map<LimitTarget, Map<Period, Limit>> limits = new LinkedHashMap<>();
    for (String tier : List.of("guest", "free", "pro")) {
      String name = "LIBERCLAW_BUDGET_" + tier.toUpperCase(Locale.ROOT);
      limits.put(
          new LimitTarget.EachOf(tier),
          limit(
              env,
              name,
              EACH.getOrDefault(tier, Limit.UNLIMITED),
              "what models may cost each user of tier " + tier));
      limits.put(
          new LimitTarget.Tier(tier),
          limit(
              env,
              name + "_TOTAL",
              Limit.UNLIMITED,
              "what models may cost all users of tier " + tier + " together"));
    }
    limits.put(
        new LimitTarget.Site(),
        limit(env, "LIBERCLAW_BUDGET_SITE", Limit.UNLIMITED, "what models may cost altogether"));
    return new LimitSettings(limits);
  }

  private static Map<Period, Limit> limit(
      EnvReader env, String name, String defaultValue, String meaning) {
    String text = env.text(name, defaultValue, meaning + ", " + Limit.FORM);
    try {
      return Limit.parse(text);
    } catch (IllegalArgumentException e) {
      env.problem(name, String.valueOf(e.getMessage()));
      return Map.of();
    }
  }
}
