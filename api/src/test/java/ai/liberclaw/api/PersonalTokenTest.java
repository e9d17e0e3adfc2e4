package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Secrets;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Personal access tokens over real sockets; which route takes which is in the route table. */
@ExtendWith(Postgres.Extension.class)
class PersonalTokenTest {
  private static final String PATH = "/users/me/tokens";
  private static final String ALL = "\"agents:read\",\"agents:write\",\"chat\"";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static JsonNode create(String access, String scopes, String more) throws Exception {
    HttpResponse<String> created =
        api.post(PATH, access, "{\"name\":\"ci\",\"scopes\":[" + scopes + "]" + more + "}");
    assertEquals(201, created.statusCode(), created.body());
    return Json.parse(created.body());
  }

  private static JsonNode list(String access) throws Exception {
    return Json.parse(api.call("GET", PATH, access, null).body());
  }

  private static int me(String token) throws Exception {
    return api.call("GET", "/users/me", token, null).statusCode();
  }

  @Test
  void aTokenIsShownOnceStoredAsItsHashAndActsForItsOwner() throws Exception {
    String access = api.guest().access();
    JsonNode first = create(access, "\"agents:read\",\"agents:read\"", "");
    String value = first.get("token").textValue();
    assertTrue(value.matches("lc_[A-Za-z0-9_-]{43}"), value);
    assertEquals(value.substring(0, 11), first.get("prefix").textValue());
    assertEquals("[\"agents:read\"]", first.get("scopes").toString());
    assertTrue(first.get("expires_at").isNull() && first.get("last_used_at").isNull());
    api.clock.advance(Duration.ofSeconds(1));
    JsonNode second = create(access, ALL, ",\"expires_in_days\":30");
    assertEquals(
        Duration.ofDays(30),
        Duration.between(
            java.time.Instant.parse(second.get("created_at").textValue()),
            java.time.Instant.parse(second.get("expires_at").textValue())));

    JsonNode listed = list(access);
    List<String> names = new ArrayList<>();
    listed.get(0).fieldNames().forEachRemaining(names::add);
    assertEquals(
        List.of("id", "name", "scopes", "prefix", "created_at", "expires_at", "last_used_at"),
        names);
    assertEquals(second.get("id"), listed.get(0).get("id"));
    assertEquals(first.get("id"), listed.get(1).get("id"));
    assertFalse(listed.toString().contains(value));
    String rows = api.sql().fetch("select * from personal_access_tokens").toString();
    assertFalse(rows.contains(value));
    assertEquals(
        1,
        api.sql()
            .fetch(
                "select 1 from personal_access_tokens where token_hash = {0}",
                org.jooq.impl.DSL.val(Secrets.sha256Hex(value)))
            .size());

    HttpResponse<String> profile = api.call("GET", "/users/me", value, null);
    assertEquals(200, profile.statusCode());
    assertEquals(
        Json.parse(api.call("GET", "/users/me", access, null).body()), Json.parse(profile.body()));
  }

  @Test
  void aMissingScopeIsToldBeforeTheBodyIsReadAndWithoutAnAgentBeingLookedFor() throws Exception {
    String access = api.guest().access();
    String reader = create(access, "\"agents:read\"", "").get("token").textValue();
    String chatter = create(access, "\"chat\"", "").get("token").textValue();
    String nowhere = "/agents/" + UUID.randomUUID();
    assertForbidden("Token lacks scope agents:write", "POST", "/agents/", reader);
    assertForbidden("Token lacks scope agents:write", "PATCH", nowhere, reader);
    assertForbidden("Token lacks scope chat", "POST", "/chat/" + UUID.randomUUID(), reader);
    assertForbidden("Token lacks scope agents:read", "GET", nowhere, chatter);
    String none = "Not allowed with a personal access token";
    for (String call :
        List.of(
            "PATCH /users/me",
            "DELETE /users/me",
            "GET /users/me/tokens",
            "POST /users/me/tokens",
            "POST /users/me/api-keys",
            "GET /users/me/connections",
            "POST /auth/logout/all",
            "POST /auth/verify-magic-link",
            "POST /usage/",
            "GET /users/me/anything/new")) {
      assertForbidden(
          none,
          call.substring(0, call.indexOf(' ')),
          call.substring(call.indexOf(' ') + 1),
          create(access, ALL, "").get("token").textValue());
    }
  }

  private void assertForbidden(String detail, String method, String path, String token)
      throws Exception {
    // Not JSON: had anybody read it, it would be a 422.
    HttpResponse<String> answer = api.call(method, path, token, "{");
    assertEquals(403, answer.statusCode(), method + " " + path);
    assertEquals("{\"detail\":\"" + detail + "\"}", answer.body(), method + " " + path);
  }

  @Test
  void revokedExpiredAndMadeUpTokensAreRefusedAsBadTokensAre() throws Exception {
    TestApi.Tokens ada = api.guest();
    JsonNode token = create(ada.access(), "\"agents:read\"", ",\"expires_in_days\":1");
    JsonNode other = create(ada.access(), "\"agents:read\"", "");
    String id = other.get("id").textValue();
    String bob = api.guest().access();
    HttpResponse<String> foreign = api.call("DELETE", PATH + "/" + id, bob, null);
    assertEquals(404, foreign.statusCode());
    assertEquals("{\"detail\":\"Token not found\"}", foreign.body());
    assertEquals(200, me(other.get("token").textValue()));
    assertEquals(204, api.call("DELETE", PATH + "/" + id, ada.access(), null).statusCode());
    assertEquals(404, api.call("DELETE", PATH + "/" + id, ada.access(), null).statusCode());
    assertEquals(422, api.call("DELETE", PATH + "/x", ada.access(), null).statusCode());
    assertEquals(1, list(ada.access()).size());

    api.sql()
        .execute(
            "update personal_access_tokens set expires_at = {0} where prefix = {1}",
            org.jooq.impl.DSL.val(api.clock.instant()),
            org.jooq.impl.DSL.val(token.get("prefix").textValue()));
    for (String bad :
        List.of(
            token.get("token").textValue(),
            other.get("token").textValue(),
            "lc_" + "A".repeat(43),
            "lc_",
            "lc_" + "A".repeat(5000))) {
      HttpResponse<String> refused = api.call("GET", "/users/me", bad, null);
      assertEquals(401, refused.statusCode());
      assertEquals("{\"detail\":\"Invalid or expired token\"}", refused.body());
      assertEquals("Bearer", refused.headers().firstValue("WWW-Authenticate").orElse(""));
    }
    assertEquals(1, list(ada.access()).size(), "an expired one is still shown");
  }

  @Test
  void theLastUseIsNotedToTheMinuteAndWrittenOnceAMinute() throws Exception {
    String access = api.guest().access();
    JsonNode token = create(access, "\"agents:read\"", "");
    String value = token.get("token").textValue();
    assertEquals(
        Collections.nCopies(8, 200),
        TestApi.together(8, () -> api.call("GET", "/users/me", value, null)));
    String noted = list(access).get(0).get("last_used_at").textValue();
    assertTrue(noted.endsWith(":00Z"), noted);
    String row = version(token);
    assertEquals(200, me(value));
    assertEquals(row, version(token));
    api.clock.advance(Duration.ofMinutes(1));
    assertEquals(200, me(value));
    assertNotEquals(row, version(token));
    assertNotEquals(noted, list(access).get(0).get("last_used_at").textValue());
  }

  /** Changes with each write of the row. */
  private static String version(JsonNode token) {
    return String.valueOf(
        api.sql()
            .fetchValue(
                "select xmin::text from personal_access_tokens where id = {0}",
                org.jooq.impl.DSL.val(UUID.fromString(token.get("id").textValue()))));
  }

  @Test
  void twentyLiveOnesAreTheLimitAlsoForManyAtOnce() throws Exception {
    String access = api.guest().access();
    String body = "{\"name\":\"n\",\"scopes\":[\"chat\"]}";
    List<Integer> statuses = TestApi.together(24, () -> api.post(PATH, access, body));
    assertEquals(20, Collections.frequency(statuses, 201));
    HttpResponse<String> refused = api.post(PATH, access, body);
    assertEquals(400, refused.statusCode());
    assertEquals("{\"detail\":\"Token limit reached (20)\"}", refused.body());
    String id = list(access).get(7).get("id").textValue();
    assertEquals(204, api.call("DELETE", PATH + "/" + id, access, null).statusCode());
    assertEquals(201, api.post(PATH, access, body).statusCode());
  }

  @Test
  void logoutAllLeavesThem() throws Exception {
    TestApi.Tokens tokens = api.guest();
    String value = create(tokens.access(), "\"agents:read\"", "").get("token").textValue();
    assertEquals(204, api.call("POST", "/auth/logout/all", tokens.access(), null).statusCode());
    assertEquals(401, me(tokens.access()));
    assertEquals(200, me(value));
  }

  @Test
  void badWishesAreNamed() throws Exception {
    String access = api.guest().access();
    assertInvalid(access, "name", "missing", "{\"scopes\":[\"chat\"]}");
    assertInvalid(access, "name", "string_too_short", "{\"name\":\"\",\"scopes\":[\"chat\"]}");
    assertInvalid(
        access,
        "name",
        "string_too_long",
        "{\"name\":\"" + "\uD83E\uDD80".repeat(101) + "\",\"scopes\":[\"chat\"]}");
    assertInvalid(access, "scopes", "missing", "{\"name\":\"n\"}");
    assertInvalid(access, "scopes", "list_type", "{\"name\":\"n\",\"scopes\":null}");
    assertInvalid(access, "scopes", "list_type", "{\"name\":\"n\",\"scopes\":\"chat\"}");
    assertInvalid(access, "scopes", "too_short", "{\"name\":\"n\",\"scopes\":[]}");
    for (String days : List.of("0", "-1", "-99999999999999999999")) {
      assertInvalid(access, "expires_in_days", "greater_than_equal", days(days));
    }
    for (String days : List.of("366", "99999999999999999999")) {
      assertInvalid(access, "expires_in_days", "less_than_equal", days(days));
    }
    assertInvalid(access, "expires_in_days", "int_type", days("\"30\""));
    assertEquals(201, api.post(PATH, access, days("null")).statusCode());
    HttpResponse<String> unknown =
        api.post(PATH, access, "{\"name\":\"n\",\"scopes\":[\"root\",\"chat\",\"sudo\"]}");
    assertEquals(400, unknown.statusCode());
    assertEquals("{\"detail\":\"Unknown scopes: root, sudo\"}", unknown.body());
  }

  private static String days(String value) {
    return "{\"name\":\"n\",\"scopes\":[\"chat\"],\"expires_in_days\":" + value + "}";
  }

  private static void assertInvalid(String access, String field, String type, String body)
      throws Exception {
    HttpResponse<String> refused = api.post(PATH, access, body);
    assertEquals(422, refused.statusCode(), body);
    JsonNode fault = Json.parse(refused.body()).at("/detail/0");
    assertEquals(type, fault.get("type").textValue(), body);
    assertEquals("[\"body\",\"" + field + "\"]", fault.get("loc").toString());
  }
}
