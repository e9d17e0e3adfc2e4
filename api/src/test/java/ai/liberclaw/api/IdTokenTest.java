package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.idtoken.IdTokenIssuer;
import ai.liberclaw.testkit.idtoken.KeyFault;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sign-in by the ID tokens of phones. */
@ExtendWith(Postgres.Extension.class)
class IdTokenTest {
  private static final String BUNDLE = "io.libertai.liberclaw";
  private static IdTokenIssuer google;
  private static IdTokenIssuer apple;
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    google = IdTokenIssuer.start();
    apple = IdTokenIssuer.start(8);
    api =
        TestApi.start(
            postgres,
            Map.of(
                "LIBERCLAW_THROTTLE_MULTIPLIER", "100",
                "LIBERCLAW_GOOGLE_CLIENT_ID", "web.example",
                "LIBERCLAW_GOOGLE_ANDROID_CLIENT_ID", "android.example",
                "LIBERCLAW_GOOGLE_IOS_CLIENT_ID", "ios.example",
                "LIBERCLAW_GOOGLE_JWKS_URL", google.url(),
                "LIBERCLAW_APPLE_JWKS_URL", apple.url()));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
    google.close();
    apple.close();
  }

  private static ObjectNode googleClaims() {
    String subject = UUID.randomUUID().toString();
    return claims("https://accounts.google.com", "web.example", subject)
        .put("email", subject + "@example.com")
        .put("email_verified", true)
        .put("name", "Ada Lovelace")
        .put("picture", "https://images.example/ada.png");
  }

  private static ObjectNode appleClaims() {
    String subject = UUID.randomUUID().toString();
    return claims("https://appleid.apple.com", BUNDLE, subject)
        .put("email", subject + "@example.com")
        .put("email_verified", true);
  }

  private static ObjectNode claims(String issuer, String audience, String subject) {
    long now = api.clock.instant().getEpochSecond();
    return Json.object()
        .put("iss", issuer)
        .put("aud", audience)
        .put("sub", subject)
        .put("iat", now)
        .put("exp", now + 3600);
  }

  private static HttpResponse<String> toGoogle(@Nullable String bearer, String token)
      throws Exception {
    return api.post(
        "/auth/mobile/google", bearer, Json.write(Json.object().put("id_token", token)));
  }

  private static HttpResponse<String> toApple(@Nullable String bearer, ObjectNode body)
      throws Exception {
    return api.post("/auth/mobile/apple", bearer, Json.write(body));
  }

  private static ObjectNode appleBody(ObjectNode claims) {
    return Json.object().put("identity_token", apple.token(claims));
  }

  private static JsonNode me(HttpResponse<String> signedIn) throws Exception {
    String token = TestApi.Tokens.of(signedIn).access();
    return Json.parse(api.call("GET", "/users/me", token, null).body());
  }

  private static void assertRefused(int status, String detail, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), detail + " " + answer.body());
    assertEquals(Json.write(Json.object().put("detail", detail)), answer.body());
  }

  @Test
  void c2AnyClientIdOfOursIsAnAudience() throws Exception {
    for (String ours : List.of("web.example", "android.example", "ios.example")) {
      assertEquals(
          200, toGoogle(null, google.token(googleClaims().put("aud", ours))).statusCode(), ours);
    }
    ObjectNode several = googleClaims();
    several.putArray("aud").add("foreign.example").add("ios.example");
    assertEquals(200, toGoogle(null, google.token(several)).statusCode());
    assertRefused(
        401,
        "Invalid Google ID token",
        toGoogle(null, google.token(googleClaims().put("aud", "foreign.example"))));
  }

  @Test
  void aGoogleTokenMakesAnAccountOnce() throws Exception {
    ObjectNode claims = googleClaims().put("iss", "accounts.google.com");
    JsonNode me = me(toGoogle(null, google.token(claims)));
    assertEquals(claims.get("email").textValue(), me.get("email").textValue());
    assertTrue(me.get("email_verified").booleanValue());
    assertEquals("Ada Lovelace", me.get("display_name").textValue());
    assertEquals("https://images.example/ada.png", me.get("avatar_url").textValue());
    assertEquals("free", me.get("tier").textValue());
    assertEquals(
        me.get("id"), me(toGoogle(null, google.token(claims.put("name", "Other")))).get("id"));
    assertEquals(
        2,
        api.sql()
            .fetchCount(
                ACTIVITY_EVENTS,
                ACTIVITY_EVENTS.USER_ID.eq(UUID.fromString(me.get("id").textValue()))));
  }

  @Test
  void onlyTokensThatGoogleSignedForUsAndForNowAreTaken() throws Exception {
    long now = api.clock.instant().getEpochSecond();
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put("no token", "x.y.z");
    bad.put("nothing", "");
    bad.put("another key", google.forged(googleClaims()));
    bad.put("another provider", apple.token(googleClaims()));
    bad.put("no signature", google.unsigned(googleClaims()));
    bad.put("the public key as a secret", google.confused(googleClaims()));
    bad.put(
        "another algorithm", google.token(IdTokenIssuer.header("RS512", "key-1"), googleClaims()));
    bad.put("an unknown key", google.token(IdTokenIssuer.header("RS256", "none"), googleClaims()));
    bad.put("no key id", google.token(Json.object().put("alg", "RS256"), googleClaims()));
    ObjectNode critical = IdTokenIssuer.header("RS256", "key-1");
    critical.putArray("crit").add("b64");
    bad.put("what we do not know", google.token(critical.put("b64", false), googleClaims()));
    bad.put("expired", google.token(googleClaims().put("exp", now - 31)));
    bad.put("not yet", google.token(googleClaims().put("nbf", now + 60)));
    bad.put("another issuer", google.token(googleClaims().put("iss", "https://evil.example")));
    bad.put("an empty subject", google.token(googleClaims().put("sub", " ")));
    bad.put("a long subject", google.token(googleClaims().put("sub", "s".repeat(256))));
    bad.put("NUL in the subject", google.token(googleClaims().put("sub", "a\0b")));
    for (String absent : List.of("iss", "aud", "sub", "exp")) {
      bad.put("no " + absent, google.token(googleClaims().without(List.of(absent))));
    }
    for (Map.Entry<String, String> token : bad.entrySet()) {
      HttpResponse<String> answer = toGoogle(null, token.getValue());
      assertEquals(401, answer.statusCode(), token.getKey());
      assertEquals("{\"detail\":\"Invalid Google ID token\"}", answer.body(), token.getKey());
    }
    assertEquals(
        200, toGoogle(null, google.token(googleClaims().put("exp", now - 5))).statusCode());
    HttpResponse<String> absent = api.post("/auth/mobile/google", null, "{\"id_token\":7}");
    assertEquals(422, absent.statusCode());
    assertFalse(absent.body().contains("7"), "not echoed: " + absent.body());
  }

  @Test
  void aGoogleTokenNamesAnAddress() throws Exception {
    for (ObjectNode claims :
        List.of(
            googleClaims().without(List.of("email")),
            googleClaims().put("email", "nonsense"),
            googleClaims().put("email", 7))) {
      assertRefused(400, "No email in Google token", toGoogle(null, google.token(claims)));
    }
  }

  @Test
  void c8OddAnswersOfProvidersAreNoFaultOfOurs() throws Exception {
    JsonNode text = me(toApple(null, appleBody(appleClaims().put("email_verified", "true"))));
    assertTrue(text.get("email_verified").booleanValue());
    for (ObjectNode unproven :
        List.of(
            appleClaims().put("email_verified", "false"),
            appleClaims().put("email_verified", 1),
            appleClaims().without(List.of("email_verified")))) {
      JsonNode me = me(toApple(null, appleBody(unproven)));
      assertFalse(me.get("email_verified").booleanValue());
      assertTrue(me.get("email").isNull(), "an address nobody vouches for is nobody's");
    }
    JsonNode nameless = me(toApple(null, appleBody(appleClaims().without(List.of("email")))));
    assertTrue(nameless.get("email").isNull());

    ObjectNode tooLong = googleClaims().put("name", "n".repeat(300) + "\0");
    tooLong.put("picture", "https://images.example/" + "p".repeat(600));
    JsonNode me = me(toGoogle(null, google.token(tooLong)));
    assertEquals(100, me.get("display_name").textValue().length());
    assertEquals(500, me.get("avatar_url").textValue().length());
  }

  @Test
  void applesUserIsCalledWhatTheAppSays() throws Exception {
    ObjectNode body = appleBody(appleClaims()).put("full_name", "Grace Hopper");
    assertEquals("Grace Hopper", me(toApple(null, body)).get("display_name").textValue());
    assertTrue(
        me(toApple(null, appleBody(appleClaims()).putNull("full_name")))
            .get("display_name")
            .isNull());
    HttpResponse<String> tooLong =
        toApple(null, appleBody(appleClaims()).put("full_name", "n".repeat(101)));
    assertEquals(422, tooLong.statusCode());
    assertTrue(tooLong.body().contains("string_too_long"), tooLong.body());
    assertRefused(
        401,
        "Invalid Apple identity token",
        toApple(null, appleBody(appleClaims().put("aud", "web.example"))));
  }

  @Test
  void aGuestUpgradesAndKeepsItsUser() throws Exception {
    TestApi.Tokens guest = api.guest();
    ObjectNode claims = googleClaims();
    JsonNode me = me(toGoogle(guest.access(), google.token(claims)));
    assertEquals(api.userId(guest).toString(), me.get("id").textValue());
    assertEquals("free", me.get("tier").textValue());
    assertEquals(claims.get("email").textValue(), me.get("email").textValue());

    TestApi.Tokens other = api.guest();
    assertRefused(
        409,
        "Email already linked to another account",
        toGoogle(other.access(), google.token(claims)));
    ObjectNode anonymous = appleClaims().without(List.of("email"));
    UUID owner = UUID.fromString(me(toApple(null, appleBody(anonymous))).get("id").textValue());
    assertRefused(
        409,
        "Apple account already linked to another user",
        toApple(other.access(), appleBody(anonymous)));
    // A caller who is no guest counts as nobody.
    assertEquals(
        owner.toString(),
        me(toApple(
                TestApi.Tokens.of(toGoogle(null, google.token(claims))).access(),
                appleBody(anonymous)))
            .get("id")
            .textValue());
  }

  @Test
  void b9AnExpiredGuestIsRefusedBeforeAnAccountIsMade() throws Exception {
    TestApi.Tokens guest = api.guest();
    UUID user = api.userId(guest);
    api.clock.advance(Duration.ofMinutes(16));
    String token = google.token(googleClaims());
    ObjectNode body = appleBody(appleClaims());
    int users = api.sql().fetchCount(USERS);
    assertRefused(401, "Invalid or expired token", toGoogle(guest.access(), token));
    assertRefused(401, "Invalid or expired token", toApple(guest.access(), body));
    // Also before the body is looked at.
    assertRefused(
        401,
        "Invalid or expired token",
        api.post("/auth/mobile/google", guest.access(), "not JSON"));
    assertEquals(users, api.sql().fetchCount(USERS));
    // What the app does then: refresh, and the same again.
    TestApi.Tokens refreshed = api.refreshed(guest);
    assertEquals(user.toString(), me(toGoogle(refreshed.access(), token)).get("id").textValue());
    assertEquals(users, api.sql().fetchCount(USERS));
  }

  @Test
  void newKeysAreTakenAndAnOutageIsTold(Postgres postgres) throws Exception {
    try (IdTokenIssuer issuer = IdTokenIssuer.start();
        TestApi fresh = TestApi.start(postgres, Map.of("LIBERCLAW_APPLE_JWKS_URL", issuer.url()))) {
      issuer.fail(new KeyFault.Status(500));
      HttpResponse<String> outage = call(fresh, issuer);
      assertRefused(503, "Apple cannot be asked for its keys, try again", outage);
      assertTrue(outage.headers().firstValue("Retry-After").isPresent());
      fresh.clock.advance(Duration.ofMinutes(1));
      assertEquals(200, call(fresh, issuer).statusCode());
      issuer.replaceKeys();
      assertEquals(200, call(fresh, issuer).statusCode());
      assertEquals(3, issuer.requests());
    }
  }

  private static HttpResponse<String> call(TestApi server, IdTokenIssuer issuer) throws Exception {
    ObjectNode claims = appleClaims();
    claims.put("exp", server.clock.instant().getEpochSecond() + 60);
    return server.post(
        "/auth/mobile/apple",
        null,
        Json.write(Json.object().put("identity_token", issuer.token(claims))));
  }
}
