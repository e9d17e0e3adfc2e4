package ai.liberclaw.deploy.budget;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PlatformExtension.class)
class WarningsTest {
  private static final Clock TODAY =
      Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);
  private static final Clock TOMORROW =
      Clock.fixed(Instant.parse("2026-11-23T10:00:00Z"), ZoneOffset.UTC);

  private DSLContext sql;
  private Limits limits;
  private UUID user;
  private UUID agent;

  @BeforeEach
  void open(Platform platform) {
    sql = platform.database().dsl();
    sql.execute("delete from alarms");
    sql.execute("delete from activity_events");
    limits = new Limits(sql);
    user = TestPlane.user(platform.database(), "free");
    agent = UUID.randomUUID();
    sql.execute(
        "insert into agents (id, owner_id, name, system_prompt) values ({0}, {1}, 'Ada', '')",
        val(agent), val(user));
  }

  private void spend(Clock clock, long tokens) {
    try (Budgets budgets =
        new Budgets(sql, SpendingServer.KEYS, clock, BudgetSettings.STANDARD).start()) {
      Ask ask =
          new Ask(
              new Spender.Agent(agent, user, 0),
              "m",
              Optional.of(Price.FREE),
              tokens,
              tokens,
              0,
              0,
              false);
      assertInstanceOf(Reservation.class, budgets.reserve(ask))
          .settle(new TokenUsage(tokens, 0, 0), Price.FREE);
    }
  }

  private void tell(Clock clock) {
    new Warnings(sql, clock).tell(_ -> {});
  }

  private List<?> events() {
    return sql.fetchValues(
        """
        select (metadata_json ->> 'scope') || ' ' || (metadata_json ->> 'period') || ' '
            || (metadata_json ->> 'unit') || ' ' || (metadata_json ->> 'percent')
        from activity_events where event_type = 'budget_warning' and user_id = {0} and not is_public
        order by created_at, id
        """,
        val(user));
  }

  @Test
  void anOwnerIsToldOncePerPeriodWhenFourFifthsAreSpent() {
    limits.set(new LimitTarget.Agent(agent), Limit.parse("101 tokens/day"));
    spend(TODAY, 80);
    tell(TODAY);
    assertEquals(List.of(), events());
    spend(TODAY, 1);
    tell(TODAY);
    spend(TODAY, 1);
    tell(TODAY);
    assertEquals(List.of("agent day tokens 80"), events());
    assertEquals(
        List.of(
            "80 % of this agent's daily budget is spent: 81 tokens of 101 tokens. It starts anew on"
                + " 2026-11-23 (UTC)."),
        sql.fetchValues("select content from pending_outbox where channel = 'web'"));
    spend(TOMORROW, 101);
    tell(TOMORROW);
    assertEquals(List.of("agent day tokens 80", "agent day tokens 100"), events());
  }

  @Test
  void aUserIsToldOfWhatHoldsForTheirTier() {
    limits.configure(
        new LimitSettings(
            Map.of(new LimitTarget.EachOf("free"), Limit.parse("5 requests/month, 10 USD/day"))));
    for (int i = 0; i < 3; i++) {
      spend(TODAY, 1);
    }
    tell(TODAY);
    assertEquals(List.of(), events());
    spend(TODAY, 1);
    tell(TODAY);
    tell(TODAY);
    assertEquals(List.of("user month requests 80"), events());
  }

  @Test
  void theOperatorSeesAnAlarmUntilThePeriodEnds() {
    limits.set(new LimitTarget.Site(), Limit.parse("10 tokens/day"));
    limits.set(new LimitTarget.Tier("free"), Limit.parse("10 tokens/month"));
    spend(TODAY, 9);
    tell(TODAY);
    assertEquals(List.of("budget-site-day WARNING", "budget-tier-free-month WARNING"), alarms());
    spend(TODAY, 1);
    tell(TODAY);
    assertEquals(List.of("budget-site-day CRITICAL", "budget-tier-free-month CRITICAL"), alarms());
    tell(TOMORROW);
    assertEquals(List.of("budget-tier-free-month CRITICAL"), alarms());
    assertEquals(List.of(), events());
  }

  private List<String> alarms() {
    return new Alarms(sql).open().stream().map(WarningsTest::text).sorted().toList();
  }

  private static String text(Alarm alarm) {
    return alarm.name() + " " + alarm.level();
  }
}
