package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.budget.BudgetCommand;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.budget.Ask;
import ai.liberclaw.deploy.budget.BudgetSettings;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.budget.Denied;
import ai.liberclaw.deploy.budget.Price;
import ai.liberclaw.deploy.budget.Reservation;
import ai.liberclaw.deploy.budget.Spender;
import ai.liberclaw.deploy.budget.TokenUsage;
import ai.liberclaw.deploy.budget.UsageQuery;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What owners and the operator read and set of what models cost. */
@ExtendWith(Postgres.Extension.class)
class BudgetRoutesTest {
  private static final Price PRICE = new Price(1_000, 100, 2_000, 0);

  private static UUID agent(TestApi api, UUID owner) {
    return api.adoptAgent(owner, "https://agent.example");
  }

  private static Budgets budgets(TestApi api) {
    return new Budgets(api.sql(), api.keys(), api.clock, BudgetSettings.STANDARD).start();
  }

  private static Ask ask(UUID agent, UUID owner, String model) {
    return new Ask(
        new Spender.Agent(agent, owner, 0), model, Optional.of(PRICE), 1_000, 500, 500, 500, true);
  }

  /** One call of 100 tokens in, 10 of them cached, and 50 out. */
  private static void call(Budgets budgets, UUID agent, UUID owner, String model) {
    try (Reservation call =
        assertInstanceOf(Reservation.class, budgets.reserve(ask(agent, owner, model)))) {
      call.settle(new TokenUsage(100, 10, 50), PRICE);
    }
  }

  private static JsonNode get(TestApi api, TestApi.Tokens who, String path) throws Exception {
    HttpResponse<String> answer = api.call("GET", path, who.access(), null);
    assertEquals(200, answer.statusCode(), answer.body());
    return Json.parse(answer.body());
  }

  @Test
  void anOwnerReadsWhatAgentsCostAndLimitsOne(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres);
        Budgets budgets = budgets(api)) {
      TestApi.Tokens owner = api.member("ada@example.com");
      UUID user = api.userId(owner);
      UUID agent = agent(api, user);
      call(budgets, agent, user, "qwen3-coder-next");
      String spent = "{\"usd\":0.000191,\"tokens\":150,\"requests\":1}";
      String both = "{\"day\":" + spent + ",\"month\":" + spent + "}";
      assertEquals(
          Json.parse(both), get(api, owner, "/agents/" + agent).get("spend"), "on the agent");
      assertEquals(Json.parse(both), get(api, owner, "/agents/").get("agents").get(0).get("spend"));
      assertFalse(
          get(api, owner, "/agents/?fields=id").get("agents").get(0).has("spend"), "not asked");

      String path = "/agents/" + agent + "/budget";
      JsonNode none = get(api, owner, path);
      assertEquals(
          Json.parse("{\"usd\":null,\"tokens\":null,\"requests\":null}"),
          none.get("limits").get("day"));
      assertEquals(Json.parse(both), none.get("spent"));
      HttpResponse<String> set =
          api.call(
              "PUT",
              path,
              owner.access(),
              "{\"day\":{\"usd\":0.000192,\"tokens\":null},\"month\":{\"requests\":9}}");
      assertEquals(200, set.statusCode(), set.body());
      JsonNode limits = Json.parse(set.body()).get("limits");
      assertEquals(
          Json.parse("{\"usd\":0.000192,\"tokens\":null,\"requests\":null}"), limits.get("day"));
      assertEquals(
          Json.parse("{\"usd\":null,\"tokens\":null,\"requests\":9}"), limits.get("month"));
      assertEquals(limits, get(api, owner, path).get("limits"));
      assertInstanceOf(Denied.Spent.class, budgets.reserve(ask(agent, user, "m")));
      assertEquals(200, api.call("PUT", path, owner.access(), "{}").statusCode());
      call(budgets, agent, user, "m");
    }
  }

  @Test
  void limitsOfTheWrongShapeAreRefusedByName(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      TestApi.Tokens owner = api.guest();
      String path = "/agents/" + agent(api, api.userId(owner)) + "/budget";
      Map.of(
              "{\"day\":{\"usd\":-1}}", "[\"body\",\"day\",\"usd\"]",
              "{\"day\":{\"usd\":0.0000000001}}", "[\"body\",\"day\",\"usd\"]",
              "{\"day\":{\"usd\":\"1\"}}", "[\"body\",\"day\",\"usd\"]",
              "{\"day\":{\"usd\":1e99}}", "[\"body\",\"day\",\"usd\"]",
              "{\"month\":{\"tokens\":1.5}}", "[\"body\",\"month\",\"tokens\"]",
              "{\"month\":{\"requests\":-1}}", "[\"body\",\"month\",\"requests\"]",
              "{\"month\":7}", "[\"body\",\"month\"]")
          .forEach((body, location) -> {
            HttpResponse<String> answer = put(api, path, owner, body);
            assertEquals(422, answer.statusCode(), body);
            assertEquals(
                location,
                Json.parse(answer.body()).get("detail").get(0).get("loc").toString(),
                body);
          });
    }
  }

  private static HttpResponse<String> put(
      TestApi api, String path, TestApi.Tokens who, String body) {
    try {
      return api.call("PUT", path, who.access(), body);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void metersTellDaysAgentsAndModelsApartOrSumThemUp(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres);
        Budgets budgets = budgets(api)) {
      TestApi.Tokens owner = api.member("ada@example.com");
      TestApi.Tokens other = api.member("bob@example.com");
      UUID user = api.userId(owner);
      UUID first = agent(api, user);
      UUID second = agent(api, user);
      UUID others = agent(api, api.userId(other));
      call(budgets, first, user, "a");
      call(budgets, first, user, "b");
      call(budgets, second, user, "b");
      call(budgets, others, api.userId(other), "b");
      LocalDate today = LocalDate.ofInstant(api.clock.instant(), ZoneOffset.UTC);
      api.sql()
          .execute(
              """
              insert into model_usage (user_id, day, agent_id, model, own_key, requests, nanodollars)
              values (?, ?, ?, 'a', true, 2, 1000000000), (?, ?, null, 'a', false, 3, 2000000000)
              """,
              user,
              today.minusDays(29),
              first,
              user,
              today.minusDays(30));
      JsonNode costs = get(api, owner, "/usage/costs");
      assertEquals(4, costs.get("rows").size(), costs.toString());
      assertEquals(
          Json.parse("{\"requests\":5,\"usd\":0.000573,\"own_key_usd\":1}"), costs.get("total"));
      assertEquals(today.toString(), costs.get("rows").get(0).get("date").asText());
      assertEquals(today.minusDays(29).toString(), costs.get("from").asText());
      assertTrue(costs.get("next_offset").isNull());

      JsonNode byModel = get(api, owner, "/usage/tokens?by=model&from=" + today);
      assertEquals(
          Json.parse(
              """
              [{"date":null,"agent_id":null,"agent_name":null,"model":"a","requests":1,"prompt_tokens":100,
              "cached_tokens":10,"completion_tokens":50},{"date":null,"agent_id":null,"agent_name":null,
              "model":"b","requests":2,"prompt_tokens":200,"cached_tokens":20,"completion_tokens":100}]
              """),
          byModel.get("rows"));
      JsonNode page = get(api, owner, "/usage/costs?limit=1&offset=1&by=day,model");
      assertEquals("b", page.get("rows").get(0).get("model").asText());
      assertEquals(2, page.get("next_offset").asInt());
      assertEquals(1, get(api, owner, "/usage/costs?agent_id=" + second).get("rows").size());
      assertEquals(2, get(api, owner, "/usage/costs?model=b").get("rows").size());
      assertEquals(
          3,
          get(api, owner, "/usage/costs?by=day&from=" + today.minusDays(399)).get("rows").size());
      // The name goes with the agent, what it cost stays.
      api.sql().execute("delete from agents where id = ?", second);
      JsonNode gone = get(api, owner, "/usage/costs?agent_id=" + second).get("rows").get(0);
      assertTrue(gone.get("agent_name").isNull());
      assertEquals(
          0, get(api, other, "/usage/costs?agent_id=" + first).get("rows").size(), "not Bob's");
      for (String bad :
          List.of(
              "from=2026-13-01",
              "from=x",
              "to=1999-01-01",
              "from=" + today.minusDays(400),
              "from=" + today.plusDays(1),
              "by=week",
              "by=",
              "limit=0",
              "limit=1001",
              "offset=-1",
              "agent_id=1",
              "model=" + "m".repeat(201))) {
        assertEquals(
            422, api.call("GET", "/usage/tokens?" + bad, owner.access(), null).statusCode(), bad);
      }
      assertEquals(3, UsageQuery.By.values().length);
    }
  }

  @Test
  void configuredLimitsHoldUntilTheOperatorSetsOthers(Postgres postgres) throws Exception {
    try (TestApi api =
            TestApi.start(
                postgres,
                Map.of(
                    "LIBERCLAW_BUDGET_SITE", "0 requests/month",
                    "LIBERCLAW_BUDGET_FREE", "none"));
        Budgets budgets = budgets(api)) {
      TestApi.Tokens owner = api.member("ada@example.com");
      UUID user = api.userId(owner);
      UUID agent = agent(api, user);
      assertInstanceOf(Denied.Spent.class, budgets.reserve(ask(agent, user, "m")));
      assertEquals(
          """
          site: 0 requests/month (configured)
          each guest: 0.5 USD/day (configured)
          each pro: 20 USD/day (configured)
          """,
          command(api));
      assertEquals(
          "site: 5 USD/day, 3 requests/day\n",
          command(api, "set", "site", "5 USD/day, 3 requests/day"));
      call(budgets, agent, user, "m");
      command(api, "set", "user", user.toString(), "0 tokens/day");
      Denied.Spent spent =
          assertInstanceOf(Denied.Spent.class, budgets.reserve(ask(agent, user, "m")));
      assertEquals("user", spent.scope().key());
      command(api, "clear", "user", user.toString());
      command(api, "set", "each", "free", "1 request/day".replace("request", "requests"));
      assertInstanceOf(Denied.Spent.class, budgets.reserve(ask(agent, user, "m")));
      command(api, "clear", "each", "free");
      call(budgets, agent, user, "m");
      for (String[] bad :
          new String[][] {
            {"set"},
            {"set", "site"},
            {"set", "tier", "gold", "none"},
            {"set", "site", "5 EUR/day"},
            {"set", "site", "1 USD/day, 2 USD/day"},
            {"set", "site", "1.5 tokens/day"},
            {"clear", "user", "x"},
            {"list", "all"},
            {"spend"}
          }) {
        assertThrows(CommandException.class, () -> command(api, bad), String.join(" ", bad));
      }
    }
  }

  @Test
  void usersSeeWhatHoldsForThemAndNobodyElsesFigures(Postgres postgres) throws Exception {
    Map<String, String> settings =
        Map.of(
            "LIBERCLAW_BUDGET_SITE", "900 requests/month",
            "LIBERCLAW_BUDGET_FREE_TOTAL", "800 requests/month",
            "LIBERCLAW_BUDGET_FREE", "2 USD/day, 7 requests/month");
    try (TestApi api = TestApi.start(postgres, settings);
        Budgets budgets = budgets(api)) {
      TestApi.Tokens owner = api.member("ada@example.com");
      UUID user = api.userId(owner);
      UUID agent = agent(api, user);
      String nothing = "{\"usd\":0,\"tokens\":0,\"requests\":0}";
      JsonNode fresh = get(api, owner, "/usage/costs").get("budget");
      assertEquals(
          Json.parse(
              "{\"day\":{\"usd\":2,\"tokens\":null,\"requests\":null},"
                  + "\"month\":{\"usd\":null,\"tokens\":null,\"requests\":7}}"),
          fresh.get("limits"));
      assertEquals(Json.parse(nothing), fresh.get("spent").get("day"));
      assertEquals(Json.parse(nothing), fresh.get("reserved").get("month"));
      call(budgets, agent, user, "m");
      command(api, "set", "user", user.toString(), "900 tokens/day");
      try (Reservation _ =
          assertInstanceOf(
              Reservation.class,
              budgets.reserve(
                  new Ask(
                      new Spender.Agent(agent, user, 0),
                      "m",
                      Optional.of(PRICE),
                      10,
                      5,
                      20,
                      20,
                      true)))) {
        JsonNode budget = get(api, owner, "/usage/costs").get("budget");
        assertEquals(
            Json.parse(
                "{\"day\":{\"usd\":null,\"tokens\":900,\"requests\":null},"
                    + "\"month\":{\"usd\":null,\"tokens\":null,\"requests\":null}}"),
            budget.get("limits"));
        assertEquals(
            Json.parse("{\"usd\":0.000191,\"tokens\":150,\"requests\":1}"),
            budget.get("spent").get("day"));
        assertEquals(
            Json.parse("{\"usd\":0.00005,\"tokens\":30,\"requests\":1}"),
            budget.get("reserved").get("month"));
        assertTrue(budget.get("resets_at").get("day").asText().endsWith("T00:00:00Z"));
      }
      TestApi.Tokens other = api.member("bob@example.com");
      assertEquals(
          Json.parse(nothing),
          get(api, other, "/usage/costs").get("budget").get("spent").get("day"),
          "not Ada's");
    }
  }

  private static String command(TestApi api, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new BudgetCommand(_ -> api.databaseUrl())
        .run(
            new ArrayList<>(List.of(arguments)),
            Map.of(),
            new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8);
  }
}
