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
import java.util.Set;
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
      assertInstanceOf(Reservation.class, budgets.reserve(ask(tokens)))
          .settle(new TokenUsage(tokens, 0, 0), Price.FREE);
    }
  }

  private Ask ask(long tokens) {
    return new Ask(
        new Spender.Agent(agent, user, 0),
        "m",
        Optional.of(Price.FREE),
        tokens,
        tokens,
        0,
        0,
        false);
  }

  private void tell(Clock clock) {
    new Warnings(sql, clock).tell(_ -> {});
  }

  private List<?> events() {
    return sql.fetchValues(
        """
        select case event_type when 'budget_exhausted' then 'all: ' else '' end
            || (metadata_json ->> 'scope') || ' ' || (metadata_json ->> 'period') || ' '
            || (metadata_json ->> 'unit') || ' ' || (metadata_json ->> 'percent')
        from activity_events
        where event_type in ('budget_warning', 'budget_exhausted') and user_id = {0} and not is_public
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
    assertEquals(List.of("agent day tokens 80", "all: agent day tokens 100"), events());
  }

  @Test
  void anOwnerIsToldOnceMoreWhenAllIsSpent() {
    limits.set(new LimitTarget.Agent(agent), Limit.parse("4 requests/day, 4 requests/month"));
    limits.set(new LimitTarget.User(user), Limit.parse("5 requests/month"));
    for (int i = 0; i < 4; i++) {
      spend(TODAY, 1);
      tell(TODAY);
      tell(TODAY);
    }
    assertEquals(
        Set.of(
            "all: agent day requests 100",
            "all: agent month requests 100",
            "user month requests 80"),
        Set.copyOf(events()));
    assertEquals(3, events().size());
    assertEquals(
        List.of(
            "All of this agent's daily budget is spent: 4 requests of 4 requests. Models are"
                + " refused until that starts anew on 2026-11-23 (UTC)."),
        sql.fetchValues(
            "select content from pending_outbox where channel = 'web' and content like '%daily%'"));
    limits.set(new LimitTarget.Agent(agent), Limit.parse("5 requests/month"));
    spend(TODAY, 1);
    tell(TODAY);
    tell(TODAY);
    assertEquals("all: user month requests 100", events().getLast());
    assertEquals(4, events().size(), "of the agent's month was told before");
  }

  @Test
  void anOwnerIsToldOfTheFirstRefusalOfABudgetThatIsNearlySpent() {
    limits.set(new LimitTarget.User(user), Limit.parse("100 tokens/day"));
    spend(TODAY, 50);
    refused(TODAY, 60);
    assertEquals(List.of(), events(), "there is enough for others");
    spend(TODAY, 40);
    refused(TODAY, 60);
    refused(TODAY, 60);
    tell(TODAY);
    assertEquals(List.of("all: user day tokens 90"), events());
    spend(TODAY, 10);
    tell(TODAY);
    refused(TODAY, 1);
    assertEquals(1, events().size(), "once per period");
    spend(TOMORROW, 90);
    tell(TOMORROW);
    refused(TOMORROW, 60);
    assertEquals(
        List.of("all: user day tokens 90", "user day tokens 90", "all: user day tokens 90"),
        events());
  }

  private void refused(Clock clock, long tokens) {
    try (Budgets budgets =
        new Budgets(sql, SpendingServer.KEYS, clock, BudgetSettings.STANDARD).start()) {
      assertInstanceOf(Denied.Spent.class, budgets.reserve(ask(tokens)));
    }
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
