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

import ai.liberclaw.testkit.oauth.Person;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Browser sign-in with Google and GitHub: who gets in, and who does not. */
class OAuthTest extends OAuthCase {
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
}
