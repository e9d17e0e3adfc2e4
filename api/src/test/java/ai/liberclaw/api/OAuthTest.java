package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static ai.liberclaw.db.platform.Tables.OAUTH_CODES;
import static ai.liberclaw.db.platform.Tables.OAUTH_CONNECTIONS;
import static ai.liberclaw.db.platform.Tables.OAUTH_STATES;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.oauth.Fault;
import ai.liberclaw.testkit.oauth.GitHubServer;
import ai.liberclaw.testkit.oauth.GoogleServer;
import ai.liberclaw.testkit.oauth.OAuthServer;
import ai.liberclaw.testkit.oauth.Person;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Browser sign-in with Google and GitHub, which check us as the real ones do. */
@ExtendWith(Postgres.Extension.class)
class OAuthTest {
  private static final String CALLBACK = "https://app.example/auth/callback?";
  private static final String PUBLIC = "https://api.example";

  private static GoogleServer google;
  private static GitHubServer github;
  private static TestApi api;

  /** The same service on the same database. */
  private static TestApi second;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    google = GoogleServer.start(PUBLIC + "/api/v1/auth/oauth/google/callback");
    github = GitHubServer.start(PUBLIC + "/api/v1/auth/oauth/github/callback");
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_DATABASE_URL", postgres.newDatabase());
    settings.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    api = TestApi.start(postgres, settings);
    second = TestApi.start(postgres, settings);
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("LIBERCLAW_API_URL", PUBLIC + "/");
    settings.put("LIBERCLAW_FRONTEND_URL", "https://app.example");
    settings.put("LIBERCLAW_OAUTH_TIMEOUT_SECONDS", "15");
    settings.put("LIBERCLAW_THROTTLE_MULTIPLIER", "100");
    for (String name : List.of("GOOGLE", "GITHUB")) {
      OAuthServer server = name.equals("GOOGLE") ? google : github;
      settings.put("LIBERCLAW_" + name + "_CLIENT_ID", OAuthServer.CLIENT_ID);
      settings.put("LIBERCLAW_" + name + "_CLIENT_SECRET", OAuthServer.CLIENT_SECRET);
      settings.put("LIBERCLAW_" + name + "_AUTHORIZE_URL", server.authorizeUrl());
      settings.put("LIBERCLAW_" + name + "_TOKEN_URL", server.tokenUrl());
    }
    settings.put("LIBERCLAW_GOOGLE_USERINFO_URL", google.userinfoUrl());
    settings.put("LIBERCLAW_GITHUB_API_URL", github.origin());
    return settings;
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
    second.close();
    google.close();
    github.close();
  }

  @AfterEach
  void nothingWasWrongForTheProviders() {
    google.claims(given -> given);
    google.idTokens(true);
    assertEquals(List.of(), google.problems());
    assertEquals(List.of(), github.problems());
  }

  private static OAuthServer provider(String name) {
    return name.equals("google") ? google : github;
  }

  private static Person person() {
    long id = ThreadLocalRandom.current().nextLong(1L << 40);
    return Person.of(Long.toString(id), "Ada " + id, "p" + id + "@example.com", true);
  }

  private static String location(HttpResponse<String> response) {
    assertEquals(307, response.statusCode(), response.body());
    assertEquals(List.of("no-store"), response.headers().allValues("Cache-Control"));
    assertEquals(List.of("no-referrer"), response.headers().allValues("Referrer-Policy"));
    assertEquals("", response.body());
    return response.headers().firstValue("Location").orElseThrow();
  }

  /** A browser that went to the provider and is about to come back. */
  private record Return(String path, String cookie) {
    Return with(String query) {
      return new Return(path.substring(0, path.indexOf('?') + 1) + query, cookie);
    }

    String state() {
      return path.substring(path.indexOf("state="));
    }
  }

  /** Goes to the provider, where this person signs in; nobody says no. */
  private static Return away(TestApi at, String name, Optional<Person> who, String query)
      throws Exception {
    HttpResponse<String> start = at.call("GET", "/auth/oauth/" + name + query, null, null);
    String authorize = location(start);
    String cookie = start.headers().firstValue("Set-Cookie").orElseThrow();
    assertTrue(
        cookie.matches(
            "liberclaw_oauth=[A-Za-z0-9_-]{43}; Max-Age=600; Path=/api/v1/auth/oauth; HttpOnly;"
                + " SameSite=Lax; Secure"),
        cookie);
    synchronized (OAuthTest.class) {
      provider(name).person(who);
      HttpResponse<String> back =
          at.http.send(
              HttpRequest.newBuilder(URI.create(authorize)).build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(302, back.statusCode(), back.body());
      String target = back.headers().firstValue("Location").orElseThrow();
      assertTrue(target.startsWith(PUBLIC + "/api/v1"), target);
      return new Return(target.substring((PUBLIC + "/api/v1").length()), cookie.split(";", 2)[0]);
    }
  }

  private static Return away(String name, Person who) throws Exception {
    return away(api, name, Optional.of(who), "");
  }

  private static HttpResponse<String> come(TestApi at, String path, @Nullable String cookie)
      throws Exception {
    return cookie == null
        ? at.call("GET", path, null, null)
        : at.call("GET", path, null, null, "Cookie", "other=1; " + cookie);
  }

  /** What the web app is told. */
  private static String back(Return browser) throws Exception {
    String target = location(come(api, browser.path(), browser.cookie()));
    assertTrue(target.startsWith(CALLBACK), target);
    return target.substring(CALLBACK.length());
  }

  private static TestApi.Tokens tokens(String query) {
    assertTrue(query.startsWith("access_token="), query);
    String[] parts = query.split("[=&]", -1);
    assertEquals("refresh_token", parts[2]);
    assertEquals(4, parts.length);
    return new TestApi.Tokens(parts[1], parts[3]);
  }

  private static void later(Duration by) {
    api.clock.advance(by);
    second.clock.advance(by);
  }

  private static HttpResponse<String> refresh(TestApi.Tokens tokens) throws Exception {
    return api.post("/auth/refresh", null, "{\"refresh_token\":\"" + tokens.refresh() + "\"}");
  }

  @Test
  void aPersonSignsInWithEitherProviderAndIsRecognised() throws Exception {
    for (String name : List.of("google", "github")) {
      Person ada = person();
      UUID user = api.userId(tokens(back(away(name, ada))));
      assertEquals(user, api.userId(tokens(back(away(name, ada)))));
      var row = api.sql().fetchSingle(USERS, USERS.ID.eq(user));
      assertEquals(ada.addresses().getFirst().email(), row.getEmail());
      assertTrue(row.getEmailVerified());
      assertEquals(ada.name(), row.getDisplayName());
      assertEquals(ada.picture(), row.getAvatarUrl());
      assertEquals(
          2,
          api.sql()
              .fetchCount(
                  ACTIVITY_EVENTS,
                  ACTIVITY_EVENTS
                      .USER_ID
                      .eq(user)
                      .and("metadata_json->>'method' = '" + name + "'")));
    }
  }

  @Test
  void bothProvidersOfOnePersonAreOneAccount() throws Exception {
    Person ada = person();
    UUID user = api.userId(tokens(back(away("google", ada))));
    assertEquals(user, api.userId(tokens(back(away("github", ada)))));
  }

  @Test
  void b1OnlyTheBrowserThatWentComesBack() throws Exception {
    Return attacker = away("google", person());
    Return victim = away("google", person());
    assertEquals("error=invalid_state", back(new Return(attacker.path(), victim.cookie())));
    assertEquals(CALLBACK + "error=invalid_state", location(come(api, attacker.path(), null)));
    for (String query : List.of("code=x", "code=x&state=", "code=x&state=" + "y".repeat(43))) {
      assertEquals("error=invalid_state", back(victim.with(query)));
    }
    // Neither of them lost anything by it.
    tokens(back(attacker));
    tokens(back(victim));
  }

  @Test
  void b1AStateWorksOnceAlsoOnTwoServers() throws Exception {
    Return browser = away("github", person());
    List<String> targets = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        TestApi at = i % 2 == 0 ? api : second;
        answers.add(threads.submit(() -> location(come(at, browser.path(), browser.cookie()))));
      }
      for (Future<String> answer : answers) {
        targets.add(answer.get());
      }
    }
    assertEquals(1, targets.stream().filter(t -> t.contains("access_token")).count(), "" + targets);
    assertEquals(11, Collections.frequency(targets, CALLBACK + "error=invalid_state"));
  }

  @Test
  void b1AStateIsOfOneProviderAndGetsOld() throws Exception {
    Return browser = away("google", person());
    assertEquals(
        "error=invalid_state",
        back(new Return(browser.path().replace("/google/", "/github/"), browser.cookie())));
    Return old = away("google", person());
    later(Duration.ofMinutes(10));
    assertEquals("error=invalid_state", back(old));
  }

  @Test
  void b1ACodeOfAnotherSignInIsWorthNothing() throws Exception {
    for (String name : List.of("google", "github")) {
      Return stolen = away(name, person());
      Return own = away(name, person());
      String code = stolen.path().replaceAll(".*code=([^&]+).*", "$1");
      // The provider refuses it: the verifier is another's.
      assertEquals("error=provider_error", back(own.with("code=" + code + "&" + own.state())));
    }
  }

  @Test
  void b1AnIdTokenIsOfThisSignInOrRefused() throws Exception {
    google.claims(given -> given.put("nonce", "another"));
    assertEquals("error=provider_error", back(away("google", person())));
    google.claims(given -> given.without("nonce"));
    assertEquals("error=provider_error", back(away("google", person())));
    google.claims(given -> given.put("aud", "another"));
    assertEquals("error=provider_error", back(away("google", person())));
    google.claims(given -> given.put("sub", "another"));
    assertEquals("error=provider_error", back(away("google", person())));
    google.idTokens(false);
    tokens(back(away("google", person())));
  }

  @Test
  void b2AnAddressThatGoogleDoesNotVouchForOpensNothing() throws Exception {
    Person stranger = person();
    String email = stranger.addresses().getFirst().email();
    UUID owner = api.userId(api.member(email));
    Person unproven = Person.of(stranger.id(), stranger.name(), email, false);
    assertEquals("error=email_unverified", back(away("google", unproven)));
    assertEquals(0, api.sql().fetchCount(OAUTH_CONNECTIONS, OAUTH_CONNECTIONS.USER_ID.eq(owner)));
  }

  @Test
  void b2OnlyAVerifiedAddressOfGitHubsCounts() throws Exception {
    Person ada = person();
    String shown = ada.addresses().getFirst().email();
    UUID owner = api.userId(api.member(shown));
    // The one in the profile is the owner's, and not proven.
    Person stranger =
        new Person(
            ada.id(),
            "",
            ada.picture(),
            List.of(
                new Person.Address(shown, false, true),
                new Person.Address("other-" + shown, true, false)));
    UUID user = api.userId(tokens(back(away("github", stranger))));
    assertFalse(user.equals(owner));
    var row = api.sql().fetchSingle(USERS, USERS.ID.eq(user));
    assertEquals("other-" + shown, row.getEmail());
    assertEquals("login-" + ada.id(), row.getDisplayName());

    Person nameless =
        new Person(person().id(), "x", "", List.of(new Person.Address("no-" + shown, false, true)));
    UUID without = api.userId(tokens(back(away("github", nameless))));
    assertNull(api.sql().fetchSingle(USERS, USERS.ID.eq(without)).getEmail());
  }

  @Test
  void b3ARefreshTokenFromAnAddressWorksWithinADayOrNever() throws Exception {
    TestApi.Tokens used = tokens(back(away("google", person())));
    TestApi.Tokens unused = tokens(back(away("google", person())));
    later(Duration.ofHours(24).minusMinutes(1));
    TestApi.Tokens next = TestApi.Tokens.of(refresh(used));
    later(Duration.ofMinutes(2));
    HttpResponse<String> late = refresh(unused);
    assertEquals(401, late.statusCode());
    assertEquals("{\"detail\":\"Session expired or revoked\"}", late.body());
    // What followed it did not travel.
    later(Duration.ofHours(25));
    TestApi.Tokens.of(refresh(next));
  }

  @Test
  void b3NewClientsGetACodeThatWorksOnceForAShortTime() throws Exception {
    Person ada = person();
    String query = back(away(api, "google", Optional.of(ada), "?flow=code"));
    assertTrue(query.matches("code=[A-Za-z0-9_-]{43}"), query);
    String body = "{\"code\":\"" + query.substring("code=".length()) + "\"}";
    List<HttpResponse<String>> answers = Collections.synchronizedList(new ArrayList<>());
    TestApi.together(
        8,
        () -> {
          HttpResponse<String> answer = api.post("/auth/oauth/exchange", null, body);
          answers.add(answer);
          return answer;
        });
    List<HttpResponse<String>> good = answers.stream().filter(a -> a.statusCode() == 200).toList();
    assertEquals(1, good.size());
    assertEquals(
        7,
        answers.stream()
            .filter(a -> a.statusCode() == 400)
            .filter(a -> a.body().equals("{\"detail\":\"Invalid or expired code\"}"))
            .count());
    TestApi.Tokens tokens = TestApi.Tokens.of(good.getFirst());
    UUID user = api.userId(tokens);
    assertEquals(user, api.userId(tokens(back(away("google", ada)))));
    // It never was in an address.
    later(Duration.ofHours(25));
    TestApi.Tokens.of(refresh(tokens));

    String late = back(away(api, "google", Optional.of(ada), "?flow=code"));
    later(Duration.ofMinutes(2));
    String lateBody = "{\"code\":\"" + late.substring("code=".length()) + "\"}";
    assertEquals(400, api.post("/auth/oauth/exchange", null, lateBody).statusCode());
    assertEquals(
        CALLBACK + "error=invalid_request",
        location(api.call("GET", "/auth/oauth/google?flow=odd", null, null)));
  }

  @Test
  void b3NothingSecretIsStoredAsItIs() throws Exception {
    Return browser = away(api, "google", Optional.of(person()), "?flow=code");
    String states = api.sql().fetch(OAUTH_STATES).toString();
    assertFalse(states.contains(browser.cookie().split("=", 2)[1]));
    assertFalse(states.contains(browser.state().split("=", 2)[1]));
    String query = back(browser);
    assertFalse(api.sql().fetch(OAUTH_CODES).toString().contains(query.split("=", 2)[1]));
  }

  @Test
  void theWebAppIsToldWhyNobodyCame() throws Exception {
    assertEquals("error=access_denied", back(away(api, "github", Optional.empty(), "")));
    Return other = away("google", person());
    assertEquals("error=provider_error", back(other.with("error=server_error&" + other.state())));
    Return codeless = away("google", person());
    assertEquals("error=invalid_request", back(codeless.with(codeless.state())));
    Return done = away("google", person());
    HttpResponse<String> last = come(api, done.path(), done.cookie());
    assertEquals(
        "liberclaw_oauth=; Max-Age=0; Path=/api/v1/auth/oauth; HttpOnly; SameSite=Lax; Secure",
        last.headers().firstValue("Set-Cookie").orElseThrow());
  }

  @Test
  void aProviderThatMisbehavesEndsAtTheWebApp() throws Exception {
    List<Fault> faults =
        List.of(
            new Fault.Status(500),
            new Fault.Status(429),
            new Fault.Status(302),
            new Fault.Cut(),
            new Fault.Body("{\"a"),
            new Fault.Body("  "),
            new Fault.Body("[]"),
            new Fault.Body("{\"access_token\":7,\"sub\":{}}"),
            new Fault.Body("<html>no"),
            new Fault.Huge(300_000));
    for (Fault fault : faults) {
      for (String path : List.of("/token", "/userinfo")) {
        google.fail(path, fault);
        if (path.equals("/userinfo")) {
          // Or its second try goes well.
          google.fail(path, fault);
        }
        assertEquals("error=provider_error", back(away("google", person())), path + fault);
        google.clearFaults();
      }
    }
    for (String path : List.of("/user", "/user/emails")) {
      github.fail(path, new Fault.Status(404));
      assertEquals("error=provider_error", back(away("github", person())), path);
    }
  }

  @Test
  void aSilentProviderIsNotWaitedFor(Postgres postgres) throws Exception {
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_OAUTH_TIMEOUT_SECONDS", "0.2");
    try (TestApi hasty = TestApi.start(postgres, settings)) {
      google.fail("/token", new Fault.Slow(Duration.ofSeconds(30)));
      Return browser = away(hasty, "google", Optional.of(person()), "");
      assertEquals(
          CALLBACK + "error=provider_error",
          location(come(hasty, browser.path(), browser.cookie())));
    } finally {
      google.clearFaults();
    }
  }

  @Test
  void aPassingFaultOfAProfileIsTriedOnceMore() throws Exception {
    for (Fault fault : List.of(new Fault.Status(503), new Fault.Cut())) {
      google.fail("/userinfo", fault);
      tokens(back(away("google", person())));
      github.fail("/user/emails", fault);
      tokens(back(away("github", person())));
    }
  }

  @Test
  void a9ParallelFirstSignInsMakeOneAccountOnTwoServers() throws Exception {
    Person ada = person();
    List<Return> browsers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String name = i % 2 == 0 ? "google" : "github";
      browsers.add(away(i % 3 == 0 ? second : api, name, Optional.of(ada), ""));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (Return browser : browsers) {
        TestApi at = answers.size() % 2 == 0 ? second : api;
        answers.add(threads.submit(() -> location(come(at, browser.path(), browser.cookie()))));
      }
      HashSet<UUID> users = new HashSet<>();
      for (Future<String> answer : answers) {
        users.add(api.userId(tokens(answer.get().substring(CALLBACK.length()))));
      }
      assertEquals(1, users.size());
    }
  }

  @Test
  void startsFromOneAddressAreLimited(Postgres postgres) throws Exception {
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_THROTTLE_MULTIPLIER", "0.02");
    try (TestApi slow = TestApi.start(postgres, settings)) {
      for (int i = 0; i < 2; i++) {
        away(slow, "google", Optional.of(person()), "");
      }
      assertEquals(
          CALLBACK + "error=too_many_requests",
          location(slow.call("GET", "/auth/oauth/github", null, null)));
    }
  }

  @Test
  void whatIsNotConfiguredIsSaidSo(Postgres postgres) throws Exception {
    try (TestApi bare =
        TestApi.start(postgres, Map.of("LIBERCLAW_GOOGLE_CLIENT_ID", "for ID tokens alone"))) {
      for (String page : List.of("", "/callback?code=x&state=y")) {
        HttpResponse<String> google = bare.call("GET", "/auth/oauth/google" + page, null, null);
        assertEquals(501, google.statusCode());
        assertEquals("{\"detail\":\"Google OAuth not configured\"}", google.body());
        HttpResponse<String> github = bare.call("GET", "/auth/oauth/github" + page, null, null);
        assertEquals(501, github.statusCode());
        assertEquals("{\"detail\":\"GitHub OAuth not configured\"}", github.body());
      }
    }
  }

  @Test
  void onLoopbackTheCookieIsNotKeptFromPlainHttp(Postgres postgres) throws Exception {
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_API_URL", "http://localhost:8000");
    try (TestApi local = TestApi.start(postgres, settings)) {
      HttpResponse<String> start = local.call("GET", "/auth/oauth/google", null, null);
      assertTrue(
          location(start)
              .contains(
                  "redirect_uri=http%3A%2F%2Flocalhost%3A8000"
                      + "%2Fapi%2Fv1%2Fauth%2Foauth%2Fgoogle%2Fcallback"));
      assertTrue(start.headers().firstValue("Set-Cookie").orElseThrow().endsWith("; SameSite=Lax"));
    }
  }

  @Test
  void anExchangeWithoutACodeIsInvalidAndEchoesNothing() throws Exception {
    HttpResponse<String> refused = api.post("/auth/oauth/exchange", null, "{\"code\":7351}");
    assertEquals(422, refused.statusCode());
    assertFalse(Json.parse(refused.body()).toString().contains("7351"));
  }
}
