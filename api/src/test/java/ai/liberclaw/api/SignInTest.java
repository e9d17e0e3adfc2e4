package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.SESSIONS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Guests, sign-in by mail, sessions: also many at once. */
@ExtendWith(Postgres.Extension.class)
class SignInTest {
  private static final String FIRST_SECRET = "f".repeat(32);
  private static TestApi api;
  private static TestApi second;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api =
        TestApi.start(
            postgres,
            Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "100", "LIBERCLAW_JWT_SECRET", FIRST_SECRET));
    second = api.beside();
  }

  @AfterAll
  static void stop() throws Exception {
    second.close();
    api.close();
  }

  /** The same call on both servers, many times at once. */
  private static List<Integer> together(int count, String path, String body) throws Exception {
    AtomicInteger turn = new AtomicInteger();
    return TestApi.together(
        count, () -> (turn.getAndIncrement() % 2 == 0 ? api : second).post(path, null, body));
  }

  private static String refreshBody(TestApi.Tokens tokens) {
    return "{\"refresh_token\":\"" + tokens.refresh() + "\"}";
  }

  private static String codeBody(String email, String code) {
    return "{\"email\":\"" + email + "\",\"code\":\"" + code + "\"}";
  }

  private static String address() {
    return "u" + UUID.randomUUID().toString().substring(0, 8) + "@example.com";
  }

  @Test
  void a9ParallelSignInsOfOneDeviceAreOneUser() throws Exception {
    String body = "{\"device_id\":\"one-device\"}";
    List<Integer> statuses = together(8, "/auth/guest", body);
    assertEquals(Collections.nCopies(8, 200), statuses);
    assertEquals(1, api.sql().fetchCount(USERS, USERS.DEVICE_ID.eq("one-device")));
  }

  @Test
  void aDeviceIdHasOneTo255CodePoints() throws Exception {
    for (String id : List.of("", "x".repeat(256), "x".repeat(20_000))) {
      HttpResponse<String> refused =
          api.post("/auth/guest", null, "{\"device_id\":\"" + id + "\"}");
      assertEquals(400, refused.statusCode());
      assertEquals("{\"detail\":\"Invalid device ID\"}", refused.body());
    }
    assertEquals(
        200,
        api.post("/auth/guest", null, "{\"device_id\":\"" + "\uD83D\uDE00".repeat(255) + "\"}")
            .statusCode());
    assertEquals(422, api.post("/auth/guest", null, "{\"device_id\":7}").statusCode());
  }

  @Test
  void tokensHoldExactlyTheClaimsOfTheContract() throws Exception {
    TestApi.Tokens tokens = api.guest();
    JsonNode access = claims(tokens.access());
    assertEquals(
        List.of("exp", "iat", "sub", "type"),
        access.properties().stream().map(Map.Entry::getKey).sorted().toList());
    assertEquals("access", access.get("type").textValue());
    assertEquals(900, access.get("exp").longValue() - access.get("iat").longValue());
    JsonNode refresh = claims(tokens.refresh());
    assertEquals(
        List.of("exp", "iat", "sid", "sub", "type"),
        refresh.properties().stream().map(Map.Entry::getKey).sorted().toList());
    assertEquals(Json.parse("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), part(tokens.access(), 0));
  }

  private static JsonNode claims(String token) {
    return part(token, 1);
  }

  private static JsonNode part(String token, int index) {
    return Json.parse(Base64.getUrlDecoder().decode(List.of(token.split("\\.", -1)).get(index)));
  }

  @Test
  void a7OnlyOneOfManyRefreshesWins() throws Exception {
    TestApi.Tokens tokens = api.guest();
    List<Integer> statuses = together(8, "/auth/refresh", refreshBody(tokens));
    assertEquals(1, Collections.frequency(statuses, 200));
    assertEquals(7, Collections.frequency(statuses, 401));
  }

  @Test
  void aTokenReusedWithinTheGraceLeavesItsFamilyAlone() throws Exception {
    TestApi.Tokens first = api.guest();
    TestApi.Tokens second = TestApi.Tokens.of(api.post("/auth/refresh", null, refreshBody(first)));
    HttpResponse<String> reused = api.post("/auth/refresh", null, refreshBody(first));
    assertEquals(401, reused.statusCode());
    assertEquals("{\"detail\":\"Session expired or revoked\"}", reused.body());
    assertEquals(200, api.post("/auth/refresh", null, refreshBody(second)).statusCode());
  }

  @Test
  void b4ATokenReusedLateRevokesItsFamily() throws Exception {
    TestApi.Tokens first = api.guest();
    TestApi.Tokens second = TestApi.Tokens.of(api.post("/auth/refresh", null, refreshBody(first)));
    UUID session = UUID.fromString(claims(first.refresh()).get("sid").textValue());
    api.sql()
        .update(SESSIONS)
        .set(SESSIONS.ROTATED_AT, api.clock.instant().minus(Duration.ofSeconds(31)))
        .where(SESSIONS.ID.eq(session))
        .execute();
    assertEquals(401, api.post("/auth/refresh", null, refreshBody(first)).statusCode());
    assertEquals(401, api.post("/auth/refresh", null, refreshBody(second)).statusCode());
  }

  @Test
  void aFamilyEndsAfter90Days() throws Exception {
    TestApi.Tokens tokens = api.guest();
    UUID session = UUID.fromString(claims(tokens.refresh()).get("sid").textValue());
    api.sql()
        .update(SESSIONS)
        .set(SESSIONS.FAMILY_STARTED_AT, api.clock.instant().minus(Duration.ofDays(91)))
        .where(SESSIONS.ID.eq(session))
        .execute();
    assertEquals(401, api.post("/auth/refresh", null, refreshBody(tokens)).statusCode());
  }

  @Test
  void logoutEndsTheSessionAndTakesAnything() throws Exception {
    TestApi.Tokens tokens = api.guest();
    assertEquals(204, api.post("/auth/logout", null, refreshBody(tokens)).statusCode());
    assertEquals(401, api.post("/auth/refresh", null, refreshBody(tokens)).statusCode());
    assertEquals(
        204,
        api.post("/auth/logout", null, "{\"refresh_token\":\"" + "x".repeat(5000) + "\"}")
            .statusCode());
  }

  @Test
  void b5TokensOfARetiredSecretAreGoodUntilItIsTakenAway() throws Exception {
    TestApi.Tokens old = api.guest();
    String next = "LIBERCLAW_JWT_SECRET";
    try (TestApi rotated =
            api.beside(
                Map.of(next, "n".repeat(32), "LIBERCLAW_JWT_RETIRED_SECRETS", FIRST_SECRET));
        TestApi later = api.beside(Map.of(next, "n".repeat(32)))) {
      assertEquals(200, rotated.call("GET", "/users/me", old.access(), null).statusCode());
      assertEquals(401, later.call("GET", "/users/me", old.access(), null).statusCode());
      TestApi.Tokens fresh = rotated.refreshed(old);
      assertEquals(200, later.call("GET", "/users/me", fresh.access(), null).statusCode());
      assertEquals(401, api.call("GET", "/users/me", fresh.access(), null).statusCode());
    }
  }

  @Test
  void b5LogoutAllRefusesTokensIssuedBeforeAndNoneIssuedAfter() throws Exception {
    String device = "{\"device_id\":\"logout-all\"}";
    TestApi.Tokens tokens = TestApi.Tokens.of(api.post("/auth/guest", null, device));
    assertEquals(204, api.call("POST", "/auth/logout/all", tokens.access(), null).statusCode());
    HttpResponse<String> refused = api.call("GET", "/users/me", tokens.access(), null);
    assertEquals(401, refused.statusCode());
    assertEquals("{\"detail\":\"Invalid or expired token\"}", refused.body());
    assertEquals(401, api.post("/auth/refresh", null, refreshBody(tokens)).statusCode());
    TestApi.Tokens again = TestApi.Tokens.of(api.post("/auth/guest", null, device));
    assertEquals(200, api.call("GET", "/users/me", again.access(), null).statusCode());
  }

  @Test
  void aCodeSignsInOnceAndItsLinkDiesWithIt() throws Exception {
    String email = address();
    TestApi.SignInMail mail = api.mail(email);
    TestApi.Tokens tokens =
        TestApi.Tokens.of(api.post("/auth/verify-magic-link", null, codeBody(email, mail.code())));
    JsonNode me = Json.parse(api.call("GET", "/users/me", tokens.access(), null).body());
    assertEquals(email, me.get("email").textValue());
    assertTrue(me.get("email_verified").booleanValue());
    assertEquals("free", me.get("tier").textValue());
    HttpResponse<String> again =
        api.post("/auth/verify-magic-link", null, "{\"token\":\"" + mail.token() + "\"}");
    assertEquals(400, again.statusCode());
    assertEquals("{\"detail\":\"Invalid or expired code\"}", again.body());
  }

  @Test
  void a7OnlyOneOfManyUsesOfALinkWinsAlsoThroughTheAlias() throws Exception {
    TestApi.SignInMail mail = api.mail(address());
    String body = "{\"token\":\"" + mail.token() + "\"}";
    List<Integer> statuses = together(6, "/api/v1/auth/verify-magic-link", body);
    assertEquals(1, Collections.frequency(statuses, 200));
    assertEquals(5, Collections.frequency(statuses, 400));
  }

  @Test
  void a8ParallelWrongCodesAllCountAndLockTheCodeAndNotTheLink() throws Exception {
    String email = address();
    TestApi.SignInMail mail = api.mail(email);
    String wrong = mail.code().equals("000000") ? "000001" : "000000";
    List<Integer> four = together(4, "/auth/verify-magic-link", codeBody(email, wrong));
    assertEquals(Collections.nCopies(4, 400), four);
    assertEquals(4, attempts(email));
    List<Integer> more = together(16, "/auth/verify-magic-link", codeBody(email, wrong));
    assertEquals(Collections.nCopies(16, 400), more);
    assertEquals(5, attempts(email), "tries after the fifth are not made");
    assertEquals(
        400, api.post("/auth/verify-magic-link", null, codeBody(email, mail.code())).statusCode());
    assertEquals(
        200,
        api.post("/auth/verify-magic-link", null, "{\"token\":\"" + mail.token() + "\"}")
            .statusCode());
  }

  private static int attempts(String email) {
    return api.sql()
        .fetchSingle("select attempts from magic_links where email = {0}", val(email))
        .get(0, Integer.class);
  }

  @Test
  void c10LetterCaseMakesNoSecondAccount() throws Exception {
    String email = address();
    TestApi.Tokens first =
        TestApi.Tokens.of(
            api.post("/auth/verify-magic-link", null, codeBody(email, api.mail(email).code())));
    String upper = email.toUpperCase(java.util.Locale.ROOT);
    TestApi.Tokens second =
        TestApi.Tokens.of(
            api.post("/auth/verify-magic-link", null, codeBody(upper, api.mail(upper).code())));
    assertEquals(api.userId(first), api.userId(second));
  }

  @Test
  void b6AnUpgradedAccountIsNotReachedByItsDevice() throws Exception {
    String device = "{\"device_id\":\"upgrade\"}";
    TestApi.Tokens guest = TestApi.Tokens.of(api.post("/auth/guest", null, device));
    String email = address();
    String personal =
        Json.parse(
                api.post(
                        "/users/me/tokens",
                        guest.access(),
                        "{\"name\":\"x\",\"scopes\":[\"agents:read\"]}")
                    .body())
            .get("token")
            .textValue();
    TestApi.Tokens upgraded =
        TestApi.Tokens.of(
            api.post(
                "/auth/verify-magic-link",
                guest.access(),
                codeBody(email, api.mail(email).code())));
    assertEquals(api.userId(guest), api.userId(upgraded));
    // Nor by what others got with it before.
    assertEquals(401, api.post("/auth/refresh", null, refreshBody(guest)).statusCode());
    assertEquals(401, api.call("GET", "/agents/", personal, null).statusCode());
    api.refreshed(upgraded);
    TestApi.Tokens next = TestApi.Tokens.of(api.post("/auth/guest", null, device));
    assertNotEquals(api.userId(guest), api.userId(next));

    String taken = codeBody(email, api.mail(email).code());
    HttpResponse<String> conflict = api.post("/auth/verify-magic-link", next.access(), taken);
    assertEquals(409, conflict.statusCode());
    assertEquals("{\"detail\":\"Email already linked to another account\"}", conflict.body());
    assertEquals(200, api.post("/auth/verify-magic-link", null, taken).statusCode());
  }

  @Test
  void b9ABadBearerIsRefusedBeforeTheLinkIsUsed() throws Exception {
    TestApi.SignInMail mail = api.mail(address());
    String body = "{\"token\":\"" + mail.token() + "\"}";
    HttpResponse<String> refused = api.post("/auth/verify-magic-link", "expired", body);
    assertEquals(401, refused.statusCode());
    assertEquals("{\"detail\":\"Invalid or expired token\"}", refused.body());
    assertEquals(200, api.post("/auth/verify-magic-link", null, body).statusCode());
  }

  @Test
  void badAddressesAndCodesAreNamedAndSecretsNotEchoed() throws Exception {
    for (String email :
        List.of("no-at", "a@b", "a@localhost", "a@x.test", "A B <a@example.com>", "a..b@x.com")) {
      HttpResponse<String> refused =
          api.post("/auth/login/email", null, "{\"email\":\"" + email + "\"}");
      assertEquals(422, refused.statusCode(), email);
      JsonNode fault = Json.parse(refused.body()).get("detail").get(0);
      assertEquals("value_error", fault.get("type").textValue());
      assertEquals(Json.parse("[\"body\",\"email\"]"), fault.get("loc"));
    }
    HttpResponse<String> code =
        api.post("/auth/verify-magic-link", null, codeBody("a@example.com", "12345x"));
    assertEquals(422, code.statusCode());
    assertTrue(!code.body().contains("12345x"), code.body());
    assertEquals(
        "{\"detail\":\"Provide either token or email+code\"}",
        api.post("/auth/verify-magic-link", null, "{\"email\":\"a@example.com\"}").body());
  }
}
