package ai.liberclaw.deploy.budget;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.testkit.await.Await;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PlatformExtension.class)
class BudgetsTest {
  static final Price PRICE = new Price(100, 10, 400, 0);
  private static final FernetKeys KEYS =
      FernetKeys.parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false);
  private static final Instant NOW = Instant.parse("2026-11-30T23:59:58Z");
  private static final BudgetSettings QUICK =
      new BudgetSettings(
          Duration.ofSeconds(2),
          Duration.ofMillis(50),
          Duration.ofSeconds(5),
          Duration.ofMillis(50),
          Duration.ofMillis(50));

  private DSLContext sql;
  private Budgets budgets;
  private UUID user;
  private UUID agent;

  @BeforeEach
  void open(Platform platform) {
    sql = platform.database().dsl();
    user = TestPlane.user(platform.database(), "pro");
    agent = agent(user);
    budgets = budgets(Clock.systemUTC());
  }

  @AfterEach
  void close() {
    budgets.close();
  }

  private Budgets budgets(Clock clock) {
    return new Budgets(sql, KEYS, clock, QUICK).start();
  }

  private UUID agent(UUID owner) {
    UUID id = UUID.randomUUID();
    sql.execute(
        "insert into agents (id, owner_id, name, system_prompt) values ({0}, {1}, 'a', '')",
        val(id), val(owner));
    return id;
  }

  private void limit(String scope, Object subject, String period, String column, long amount) {
    sql.execute(
        "insert into budget_limits (scope, subject, period, "
            + column
            + ") values ({0}, {1}, {2}, {3})",
        val(scope),
        val(subject.toString()),
        val(period),
        val(amount));
  }

  private Ask ask(long prompt, long completion) {
    return ask(new Spender.Agent(agent, user, 0), prompt, completion, completion);
  }

  private static Ask ask(Spender spender, long prompt, long completion, long completionMin) {
    return new Ask(
        spender, "m", Optional.of(PRICE), prompt, prompt / 4, completion, completionMin, true);
  }

  private Reservation reserved(Ask ask) {
    return assertInstanceOf(Reservation.class, budgets.reserve(ask));
  }

  private Denied.Spent spent(Ask ask) {
    return assertInstanceOf(Denied.Spent.class, budgets.reserve(ask));
  }

  private String budget(String scope, Object subject, String period) {
    return sql.fetchSingle(
            """
            select spent_nanodollars, reserved_nanodollars, spent_tokens, reserved_tokens, spent_requests,
                reserved_requests
            from budgets where scope = {0} and subject = {1} and period = {2}
            """,
            val(scope), val(subject.toString()), val(period))
        .intoList()
        .toString();
  }

  @Test
  void aCallIsHeldBackInEveryScopeAndPeriodAndThenSpentThere() {
    Reservation call = reserved(ask(1000, 500));
    for (String period : List.of("day", "month")) {
      for (Object[] row :
          new Object[][] {{"agent", agent}, {"user", user}, {"tier", "pro"}, {"site", ""}}) {
        assertEquals("[0, 300000, 0, 1500, 0, 1]", budget((String) row[0], row[1], period), period);
      }
    }
    call.settle(new TokenUsage(300, 100, 20), PRICE);
    call.release();
    assertEquals("[29000, 0, 320, 0, 1, 0]", budget("agent", agent, "day"));
    assertEquals("[29000, 0, 320, 0, 1, 0]", budget("site", "", "month"));
    assertEquals(
        "[1, 300, 100, 20, 29000, false]",
        sql.fetchSingle(
                "select requests, prompt_tokens, cached_tokens, completion_tokens, nanodollars,"
                    + " own_key from model_usage")
            .intoList()
            .toString());
    assertEquals(0, sql.fetchCount(org.jooq.impl.DSL.table("model_calls")));
  }

  @Test
  void aCallThatReachedNobodyCostsNothing() {
    reserved(ask(1000, 500)).release();
    assertEquals("[0, 0, 0, 0, 0, 0]", budget("user", user, "day"));
    assertEquals(0, sql.fetchCount(org.jooq.impl.DSL.table("model_usage")));
  }

  @Test
  void theFirstScopeThatCannotPayIsNamedWithWhatIsLeftAndWhenItResets() {
    budgets.close();
    budgets = budgets(Clock.fixed(NOW, ZoneOffset.UTC));
    limit("agent", agent, "day", "nanodollars", 300_000);
    Reservation call = reserved(ask(1000, 500));
    Denied.Spent day = spent(ask(1, 0));
    assertEquals(
        new Denied.Spent(
            Scope.AGENT,
            Period.DAY,
            Unit.NANODOLLARS,
            300_000,
            0,
            Instant.parse("2026-12-01T00:00:00Z")),
        day);
    assertEquals(
        "This agent's daily budget of 0.0003 USD does not cover this call, 0 USD left."
            + " It starts anew at 2026-12-01 00:00 UTC.",
        day.message());
    call.release();
    limit("site", "", "month", "requests", 0);
    Denied.Spent month = spent(ask(1, 0));
    assertEquals(Unit.REQUESTS, month.unit());
    assertEquals(Instant.parse("2026-12-01T00:00:00Z"), month.resetsAt());
    assertEquals(
        "This platform's monthly budget does not cover this call."
            + " It starts anew at 2026-12-01 00:00 UTC.",
        month.message());
    // What was refused is held back nowhere.
    assertEquals("[0, 0, 0, 0, 0, 0]", budget("agent", agent, "day"));
  }

  @Test
  void tokensAndRequestsAreLimitedToTheUnit() {
    limit("user", user, "day", "tokens", 100);
    spent(ask(51, 50));
    Reservation call = reserved(ask(50, 50));
    assertEquals(Unit.TOKENS, spent(ask(1, 0)).unit());
    call.settle(new TokenUsage(9, 0, 1), PRICE);
    reserved(ask(90, 0)).release();
    spent(ask(91, 0));
  }

  @Test
  void anAnswerIsCutToWhatIsLeftButNotBelowWhatIsNeeded() {
    limit("agent", agent, "day", "nanodollars", 100_000 + 400 * 70);
    Spender caller = new Spender.Agent(agent, user, 0);
    assertEquals(70, reserved(ask(caller, 1000, 500, 70)).completionTokensMax());
    assertEquals("[0, 128000, 0, 1070, 0, 1]", budget("agent", agent, "day"));
    spent(ask(caller, 0, 500, 1));
  }

  @Test
  void aModelThatCostsNothingMayBeUsedWhenNoMoneyIsLeft() {
    limit("agent", agent, "day", "nanodollars", 0);
    assertInstanceOf(
        Reservation.class,
        budgets.reserve(
            new Ask(
                new Spender.Agent(agent, user, 0),
                "m",
                Optional.of(Price.FREE),
                10,
                10,
                10,
                10,
                true)));
  }

  @Test
  void aModelWithoutAPriceIsRefused() {
    Grant grant =
        budgets.reserve(
            new Ask(new Spender.User(user), "new-model", Optional.empty(), 1, 1, 1, 1, true));
    assertEquals(new Denied.Unpriced("new-model"), grant);
    assertEquals(1, budgets.counts().unpriced());
  }

  @Test
  void anotherOwnersAgentAnOldTokenAndADeletedAgentAreGone(Platform platform) {
    UUID other = TestPlane.user(platform.database(), "pro");
    assertGone(new Spender.Agent(agent, other, 0));
    sql.execute("update agents set inference_generation = 3");
    assertGone(new Spender.Agent(agent, user, 2));
    reserved(ask(new Spender.Agent(agent, user, 3), 1, 1, 1)).release();
    assertTrue(budgets.knows(new Spender.Agent(agent, user, 3)));
    sql.execute("delete from agents");
    assertGone(new Spender.Agent(agent, user, 3));
    assertGone(new Spender.User(UUID.randomUUID()));
    assertTrue(budgets.knows(new Spender.User(user)));
  }

  private void assertGone(Spender caller) {
    assertInstanceOf(Denied.Gone.class, budgets.reserve(ask(caller, 1, 1, 1)));
    assertFalse(budgets.knows(caller), "for what costs nothing, too");
  }

  @Test
  void theNewestOwnKeyThatCanBeReadPaysAndOnlyTheAgentsBudgetCountsIt() {
    key("not a token", true, 0);
    key(KEYS.encrypt("sk-retired"), false, 1);
    key(KEYS.encrypt("sk-newer"), true, 2);
    key(KEYS.encrypt("sk-older"), true, 3);
    limit("user", user, "day", "nanodollars", 0);
    Reservation call = reserved(ask(1000, 500));
    OwnKey own = call.ownKey().orElseThrow();
    assertEquals("sk-newer", own.key());
    assertFalse(own.toString().contains("sk-"), own.toString());
    call.settle(new TokenUsage(10, 0, 0), PRICE);
    assertEquals("[1000, 0, 10, 0, 1, 0]", budget("agent", agent, "month"));
    assertEquals(List.of("agent"), sql.fetch("select distinct scope from budgets").getValues(0));
    assertEquals(true, sql.fetchValue("select own_key from model_usage"));
    assertEquals(Scope.USER, spent(ask(1000, 500).withoutOwnKey()).scope());
  }

  @Test
  void aKeyNobodyCanReadIsNoReasonToFail() {
    key("not a token", true, 0);
    Reservation call = reserved(ask(1, 1));
    assertTrue(call.ownKey().isEmpty());
    call.release();
    assertEquals("[0, 0, 0, 0, 0, 0]", budget("site", "", "day"));
    assertEquals("[0, 0, 0, 0, 0, 0]", budget("agent", agent, "day"));
  }

  private void key(String sealed, boolean active, int ageMinutes) {
    sql.execute(
        """
        insert into api_keys (id, user_id, encrypted_key, is_active, created_at)
        values (gen_random_uuid(), {0}, {1}, {2}, now() - make_interval(mins => {3}))
        """,
        val(user), val(sealed), val(active), val(ageMinutes));
  }

  @Test
  void aDayAndAMonthEndAtMidnightUtcAndACallCountsWhereItBegan() {
    budgets.close();
    limit("user", user, "month", "requests", 1);
    budgets = budgets(Clock.fixed(NOW, ZoneOffset.UTC));
    Reservation november = reserved(ask(10, 10));
    spent(ask(10, 10));
    try (Budgets later = budgets(Clock.fixed(NOW.plusSeconds(2), ZoneOffset.UTC))) {
      Reservation december = assertInstanceOf(Reservation.class, later.reserve(ask(10, 10)));
      november.settle(new TokenUsage(1, 0, 1), PRICE);
      december.settle(new TokenUsage(2, 0, 2), PRICE);
    }
    assertEquals(
        "[day 2026-11-30 2, month 2026-11-01 2, day 2026-12-01 4, month 2026-12-01 4]",
        sql.fetch(
                """
                select period || ' ' || starts_on || ' ' || spent_tokens from budgets where scope = 'site'
                order by spent_tokens, period
                """)
            .getValues(0)
            .toString());
  }

  @Test
  void theOperatorsLimitCountsBeforeTheConfiguredOneAndAUsersOwnBeforeTheTiers() {
    sql.execute(
        """
        insert into budget_limits (scope, subject, period, configured, requests) values
            ('tier_user', 'pro', 'day', true, 0), ('site', '', 'day', true, 0)
        """);
    assertEquals(Scope.SITE, spent(ask(1, 1)).scope());
    limit("site", "", "day", "requests", 100);
    assertEquals(Scope.USER, spent(ask(1, 1)).scope());
    limit("user", user, "day", "requests", 1);
    Reservation call = reserved(ask(1, 1));
    assertEquals(1, spent(ask(1, 1)).max());
    call.release();
  }

  @Test
  void aClosedCallIsSettledByWhatWasStreamed() {
    try (Reservation call = reserved(ask(1000, 500))) {
      call.streamed(7);
      call.streamed(3);
    }
    assertEquals("[29000, 0, 260, 0, 1, 0]", budget("agent", agent, "day"));
  }

  @Test
  void whatIsStreamedIsWrittenWhileTheCallRunsAndItsLeaseRenewed() {
    try (Reservation call = reserved(ask(1000, 500))) {
      Instant first = leaseUntil();
      call.streamed(42);
      Await.until(
          "streamed tokens are written",
          Duration.ofSeconds(10),
          () ->
              sql.fetchValue("select streamed_tokens from model_calls").equals(42L)
                  && leaseUntil().isAfter(first));
      assertFalse(call.lost());
      sql.execute("delete from model_calls");
      Await.until("the loss is noticed", Duration.ofSeconds(10), call::lost);
    }
  }

  private Instant leaseUntil() {
    return sql.fetchSingle("select lease_until from model_calls").get(0, Instant.class);
  }

  @Test
  void pricesAreRoundedUpToNanodollarsPerToken() {
    assertEquals(71, Price.perToken(new BigDecimal("0.0701")));
    assertEquals(2_000, Price.perToken(new BigDecimal("2")));
    assertEquals(0, Price.perToken(BigDecimal.ZERO));
    assertEquals("1.5 USD", Unit.NANODOLLARS.text(1_500_000_000));
    assertEquals("100 USD", Unit.NANODOLLARS.text(100_000_000_000L));
  }
}
