package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.oauth.GitHubServer;
import ai.liberclaw.testkit.oauth.GoogleServer;
import ai.liberclaw.testkit.oauth.OAuthServer;
import ai.liberclaw.testkit.oauth.Person;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Google and GitHub, which check us as the real ones do, and browsers that go to them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
abstract class OAuthCase {
  static final String CALLBACK = "https://app.example/auth/callback?";

  static final String PUBLIC = "https://api.example";

  GoogleServer google;

  GitHubServer github;

  TestApi api;

  /** The same service on the same database. */
  TestApi second;

  @BeforeAll
  void start(Postgres postgres) throws Exception {
    google = GoogleServer.start(PUBLIC + "/api/v1/auth/oauth/google/callback");
    github = GitHubServer.start(PUBLIC + "/api/v1/auth/oauth/github/callback");
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_DATABASE_URL", postgres.migratedDatabase());
    settings.put("LIBERCLAW_JWT_SECRET", "s".repeat(32));
    api = TestApi.start(postgres, settings);
    second = TestApi.start(postgres, settings);
  }

  Map<String, String> settings() {
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
  void stop() throws Exception {
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

  OAuthServer provider(String name) {
    return name.equals("google") ? google : github;
  }

  Person person() {
    long id = ThreadLocalRandom.current().nextLong(1L << 40);
    return Person.of(Long.toString(id), "Ada " + id, "p" + id + "@example.com", true);
  }

  String location(HttpResponse<String> response) {
    assertEquals(307, response.statusCode(), response.body());
    assertEquals(List.of("no-store"), response.headers().allValues("Cache-Control"));
    assertEquals(List.of("no-referrer"), response.headers().allValues("Referrer-Policy"));
    assertEquals("", response.body());
    return response.headers().firstValue("Location").orElseThrow();
  }

  /** A browser that went to the provider and is about to come back. */
  record Return(String path, String cookie) {
    Return with(String query) {
      return new Return(path.substring(0, path.indexOf('?') + 1) + query, cookie);
    }

    String state() {
      return path.substring(path.indexOf("state="));
    }
  }

  /** Goes to the provider, where this person signs in; nobody says no. */
  Return away(TestApi at, String name, Optional<Person> who, String query) throws Exception {
    HttpResponse<String> start = at.call("GET", "/auth/oauth/" + name + query, null, null);
    String authorize = location(start);
    String cookie = start.headers().firstValue("Set-Cookie").orElseThrow();
    assertTrue(
        cookie.matches(
            "liberclaw_oauth=[A-Za-z0-9_-]{43}; Max-Age=600; Path=/api/v1/auth/oauth; HttpOnly;"
                + " SameSite=Lax; Secure"),
        cookie);
    synchronized (this) {
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

  Return away(String name, Person who) throws Exception {
    return away(api, name, Optional.of(who), "");
  }

  HttpResponse<String> come(TestApi at, String path, @Nullable String cookie) throws Exception {
    return cookie == null
        ? at.call("GET", path, null, null)
        : at.call("GET", path, null, null, "Cookie", "other=1; " + cookie);
  }

  /** What the web app is told. */
  String back(Return browser) throws Exception {
    String target = location(come(api, browser.path(), browser.cookie()));
    assertTrue(target.startsWith(CALLBACK), target);
    return target.substring(CALLBACK.length());
  }

  TestApi.Tokens tokens(String query) {
    assertTrue(query.startsWith("access_token="), query);
    String[] parts = query.split("[=&]", -1);
    assertEquals("refresh_token", parts[2]);
    assertEquals(4, parts.length);
    return new TestApi.Tokens(parts[1], parts[3]);
  }

  void later(Duration by) {
    api.clock.advance(by);
    second.clock.advance(by);
  }

  HttpResponse<String> refresh(TestApi.Tokens tokens) throws Exception {
    return api.post("/auth/refresh", null, "{\"refresh_token\":\"" + tokens.refresh() + "\"}");
  }
}
