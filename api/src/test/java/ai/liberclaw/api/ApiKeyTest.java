package ai.liberclaw.api;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.budget.Ask;
import ai.liberclaw.deploy.budget.BudgetSettings;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.budget.OwnKey;
import ai.liberclaw.deploy.budget.Price;
import ai.liberclaw.deploy.budget.Reservation;
import ai.liberclaw.deploy.budget.Spender;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The model keys users store. */
@ExtendWith(Postgres.Extension.class)
class ApiKeyTest {
  private static final String PATH = "/users/me/api-keys";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static HttpResponse<String> post(String access, String key) throws Exception {
    return api.post(PATH, access, Json.object().put("key", key).toString());
  }

  private static JsonNode list(String access) throws Exception {
    return Json.parse(api.call("GET", PATH, access, null).body());
  }

  /** The key that a call for this user is made with, if it is one of theirs. */
  private static Optional<String> used(UUID user) {
    Ask ask = new Ask(new Spender.User(user), "glm-4.7", Optional.of(Price.FREE), 1, 1, 1, 1, true);
    try (Budgets budgets =
            new Budgets(api.sql(), api.keys(), api.clock, BudgetSettings.STANDARD).start();
        Reservation call = (Reservation) budgets.reserve(ask)) {
      return call.ownKey().map(OwnKey::key);
    }
  }

  @Test
  void c18AStoredKeyIsTheOneItsOwnersAgentsWillUse() throws Exception {
    TestApi.Tokens ada = api.guest();
    UUID user = api.userId(ada);
    assertEquals(Optional.empty(), used(user));
    String older = "sk-older-0123456789abcdef";
    String newer = "sk-newer-0123456789abcdef";
    HttpResponse<String> created =
        api.post(PATH, ada.access(), "{\"key\":\"" + older + "\",\"label\":\"mine\"}");
    assertEquals(201, created.statusCode(), created.body());
    JsonNode key = Json.parse(created.body());
    assertEquals("mine", key.get("label").textValue());
    assertEquals("sk-older...cdef", key.get("masked_key").textValue());
    assertTrue(key.get("is_active").booleanValue());
    assertEquals(5, key.size());
    api.clock.advance(Duration.ofSeconds(1));
    JsonNode second = Json.parse(post(ada.access(), newer).body());
    assertEquals("default", second.get("label").textValue());
    assertEquals(Optional.of(newer), used(user));
    assertEquals(
        List.of(second, key), List.of(list(ada.access()).get(0), list(ada.access()).get(1)));
    String rows = api.sql().fetch("select * from api_keys").toString();
    assertFalse(rows.contains(older) || rows.contains(newer));

    String path = PATH + "/" + second.get("id").textValue();
    String bob = api.guest().access();
    HttpResponse<String> foreign = api.call("DELETE", path, bob, null);
    assertEquals(404, foreign.statusCode());
    assertEquals("{\"detail\":\"API key not found\"}", foreign.body());
    assertEquals(204, api.call("DELETE", path, ada.access(), null).statusCode());
    assertEquals(404, api.call("DELETE", path, ada.access(), null).statusCode());
    assertEquals(Optional.of(older), used(user));
    assertEquals(Optional.empty(), used(api.userId(api.guest())));
  }

  @Test
  void b23NoKeyIsShownWholeAndShortOnesAreRefused() throws Exception {
    TestApi.Tokens ada = api.guest();
    for (String bad :
        List.of(
            "",
            "abc",
            "k".repeat(15),
            "k".repeat(513),
            "k y".repeat(8),
            "k\u00e9y".repeat(8),
            "key\\n".repeat(8))) {
      HttpResponse<String> refused = api.post(PATH, ada.access(), "{\"key\":\"" + bad + "\"}");
      assertEquals(422, refused.statusCode(), bad);
      assertTrue(Json.parse(refused.body()).at("/detail/0/input").isNull(), refused.body());
    }
    String shortest = "0123456789abcdef";
    assertEquals(
        "01234567...cdef",
        Json.parse(post(ada.access(), shortest).body()).get("masked_key").textValue());
    // The original took anything.
    adopt(ada, api.keys().encrypt("abc"), 1);
    assertEquals("***", list(ada.access()).get(1).get("masked_key").textValue());
  }

  @Test
  void d11ListingDecryptsNothingButWhatTheOriginalLeftUnmasked() throws Exception {
    TestApi.Tokens ada = api.guest();
    assertEquals(201, post(ada.access(), "sk-first-0123456789abcdef").statusCode());
    adopt(ada, api.keys().encrypt("sk-adopted-0123456789abcdef"), 1);
    adopt(ada, "no token of ours", 2);
    List<String> masks = List.of("sk-first...cdef", "sk-adopt...cdef", "***");
    assertEquals(masks, masks(ada));
    // From now on the masks are all there is to show.
    api.sql().execute("update api_keys set encrypted_key = 'unreadable'");
    assertEquals(masks, masks(ada));
  }

  private static List<String> masks(TestApi.Tokens tokens) throws Exception {
    JsonNode list = list(tokens.access());
    return List.of(0, 1, 2).stream().map(i -> list.get(i).get("masked_key").textValue()).toList();
  }

  private static void adopt(TestApi.Tokens tokens, String sealed, int age) throws Exception {
    api.sql()
        .execute(
            "insert into api_keys (id, user_id, encrypted_key, created_at) values"
                + " (gen_random_uuid(), {0}, {1}, now() - {2} * interval '1 day')",
            val(api.userId(tokens)), val(sealed), val(age));
  }

  @Test
  void tenAreTheLimitAlsoForManyAtOnce() throws Exception {
    String access = api.guest().access();
    List<Integer> statuses = TestApi.together(14, () -> post(access, "sk-many-0123456789abcdef"));
    assertEquals(10, Collections.frequency(statuses, 201));
    assertEquals(4, Collections.frequency(statuses, 400));
    assertEquals(
        "{\"detail\":\"API key limit reached (10)\"}",
        post(access, "sk-many-0123456789abcdef").body());
  }

  @Test
  void b22NoRefusalEchoesASecret() throws Exception {
    String access = api.guest().access();
    String secret = "s3cr3t-of-somebody";
    for (String body :
        List.of(
            "{\"key\":\"" + secret + "\\u0000\"}",
            "{\"key\":{\"inner\":\"" + secret + "\"}}",
            "{\"key\":[\"" + secret + "\"]}",
            "[\"" + secret + "\"]",
            "\"" + secret + "\"",
            "{\"key\":" + secret + "}",
            "{\"key\":\"" + secret + "\"")) {
      assertSilent(secret, api.post(PATH, access, body));
    }
    for (String field : List.of("token", "code", "email")) {
      String body = "{\"" + field + "\":{\"a\":\"" + secret + "\"}}";
      assertSilent(secret, api.post("/auth/verify-magic-link", null, body));
    }
    String number = "{\"refresh_token\":" + "7".repeat(30) + "}";
    assertSilent("777", api.post("/auth/refresh", null, number));
    String tooLong = "{\"refresh_token\":\"" + secret.repeat(300) + "\"}";
    assertSilent(secret, api.post("/auth/refresh", null, tooLong));
  }

  private static void assertSilent(String secret, HttpResponse<String> refused) {
    assertEquals(422, refused.statusCode(), refused.body());
    assertFalse(refused.body().contains(secret), refused.body());
  }
}
