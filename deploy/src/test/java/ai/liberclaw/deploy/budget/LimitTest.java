package ai.liberclaw.deploy.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LimitTest {
  @Test
  void limitsAreReadAsPeopleWriteThem() {
    Map<Period, Limit> limits =
        Limit.parse("2.5 USD/day, 30usd / month,1000000 tokens/day, 500 requests/day");
    assertEquals(
        new Limit(
            OptionalLong.of(2_500_000_000L), OptionalLong.of(1_000_000), OptionalLong.of(500)),
        limits.get(Period.DAY));
    assertEquals(
        new Limit(OptionalLong.of(30_000_000_000L), OptionalLong.empty(), OptionalLong.empty()),
        limits.get(Period.MONTH));
    String text = Limit.text(limits);
    assertEquals("2.5 USD/day, 1000000 tokens/day, 500 requests/day, 30 USD/month", text);
    assertEquals(limits, Limit.parse(text));
    assertEquals(Map.of(), Limit.parse(" None "));
    assertEquals("none", Limit.text(Map.of()));
    for (String bad :
        List.of(
            "",
            "2",
            "2 EUR/day",
            "2 USD/week",
            "-1 USD/day",
            "1 USD/day,",
            "1 USD/day, 2 USD/day",
            "0.5 requests/day",
            "0.0000000001 USD/day",
            "999999999999999 USD/day")) {
      assertThrows(IllegalArgumentException.class, () -> Limit.parse(bad), bad);
    }
  }

  @Test
  void variablesSetThemAndAWrongOneIsNamed() {
    EnvReader env =
        new EnvReader(
            Map.of(
                "LIBERCLAW_BUDGET_SITE", "100 USD/month",
                "LIBERCLAW_BUDGET_GUEST_TOTAL", "1 USD/day",
                "LIBERCLAW_BUDGET_PRO", "none"));
    Map<LimitTarget, Map<Period, Limit>> limits = LimitSettings.read(env).limits();
    env.throwIfProblems();
    assertEquals(
        "100 USD/month", Limit.text(limits.getOrDefault(new LimitTarget.Site(), Map.of())));
    assertEquals(
        "1 USD/day", Limit.text(limits.getOrDefault(new LimitTarget.Tier("guest"), Map.of())));
    assertEquals("none", Limit.text(limits.getOrDefault(new LimitTarget.EachOf("pro"), Map.of())));
    assertEquals(
        "2 USD/day", Limit.text(limits.getOrDefault(new LimitTarget.EachOf("free"), Map.of())));

    EnvReader wrong = new EnvReader(Map.of("LIBERCLAW_BUDGET_FREE_TOTAL", "much"));
    LimitSettings.read(wrong);
    ConfigException refused = assertThrows(ConfigException.class, wrong::throwIfProblems);
    assertTrue(
        String.valueOf(refused.getMessage()).contains("LIBERCLAW_BUDGET_FREE_TOTAL must be"),
        refused.getMessage());
  }
}
