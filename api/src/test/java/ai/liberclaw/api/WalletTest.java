package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static ai.liberclaw.db.platform.Tables.WALLET_CHALLENGES;
import static ai.liberclaw.db.platform.Tables.WALLET_CONNECTIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sign-in by wallet, on two servers that share one database. */
@ExtendWith(Postgres.Extension.class)
class WalletTest {
  private static final String VERIFY = "/auth/wallet/verify";
  private static final String INVALID = "{\"detail\":\"Invalid signature\"}";
  private static TestApi api;
  private static TestApi second;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "100"));
    second = api.beside();
  }

  @AfterAll
  static void stop() throws Exception {
    second.close();
    api.close();
  }

  /** One of the two servers, in turn. */
  private static TestApi either(AtomicInteger turn) {
    return turn.getAndIncrement() % 2 == 0 ? api : second;
  }

  @Test
  void c3AWalletThatSignsTheMessageAsItComesIsSignedIn() throws Exception {
    TestWallet wallet = TestWallet.fresh();
    JsonNode challenge = wallet.challenge(api);
    assertTrue(challenge.get("nonce").textValue().matches("[0-9a-f]{32}"));
    // Later than it was issued, and on another server: nothing is made up anew.
    second.clock.advance(Duration.ofSeconds(20));
    TestApi.Tokens tokens = TestApi.Tokens.of(second.post(VERIFY, null, wallet.answer(challenge)));
    JsonNode me = Json.parse(api.call("GET", "/users/me", tokens.access(), null).body());
    String address = wallet.address();
    assertEquals(
        address.substring(0, 6) + "..." + address.substring(38),
        me.get("display_name").textValue());
    assertEquals("free", me.get("tier").textValue());
    assertTrue(me.get("email").isNull());
    UUID user = UUID.fromString(me.get("id").textValue());
    assertEquals(
        true,
        api.sql()
            .select(WALLET_CONNECTIONS.IS_PRIMARY)
            .from(WALLET_CONNECTIONS)
            .where(WALLET_CONNECTIONS.USER_ID.eq(user))
            .and(WALLET_CONNECTIONS.CHAIN.eq("evm"))
            .and(WALLET_CONNECTIONS.ADDRESS.eq(address))
            .fetchOne(WALLET_CONNECTIONS.IS_PRIMARY));
    assertEquals(
        "{\"method\":\"wallet\"}",
        api.sql()
            .select(ACTIVITY_EVENTS.METADATA_JSON)
            .from(ACTIVITY_EVENTS)
            .where(ACTIVITY_EVENTS.USER_ID.eq(user))
            .fetchSingle()
            .value1()
            .data()
            .replace(" ", ""));

    TestApi.Tokens again =
        TestApi.Tokens.of(api.post(VERIFY, null, wallet.answer(wallet.challenge(api))));
    assertEquals(user, api.userId(again));
  }

  @Test
  void b8TheMessageNamesTheSiteAndAddressesHaveTheirSyntax() throws Exception {
    TestWallet wallet = TestWallet.fresh();
    String message = wallet.challenge(api).get("message").textValue();
    assertTrue(
        message.startsWith("localhost:0 wants you to sign in with your Ethereum account:\n0x"),
        message);
    assertTrue(message.contains("\nURI: http://localhost:0\n"), message);

    String good = wallet.address();
    for (String bad :
        List.of(
            "",
            "0x12",
            good.substring(2),
            good + "0",
            good.replace("0x", "0X"),
            "0x" + "g".repeat(40))) {
      HttpResponse<String> refused = TestWallet.ask(api, bad);
      assertEquals(422, refused.statusCode(), bad);
      JsonNode fault = Json.parse(refused.body()).get("detail").get(0);
      assertEquals("string_pattern_mismatch", fault.get("type").textValue(), bad);
      assertEquals(Json.parse("[\"body\",\"address\"]"), fault.get("loc"));
    }
    HttpResponse<String> typo = TestWallet.ask(api, "0x1A642f0E3c3aF545E7AcBD38b07251B3990914F1");
    assertEquals(422, typo.statusCode());
    assertTrue(typo.body().contains("checksum"), typo.body());
    HttpResponse<String> nothing = api.post("/auth/wallet/challenge", null, "{}");
    assertEquals(422, nothing.statusCode());
    assertTrue(nothing.body().contains("\"missing\""), nothing.body());
    assertEquals(
        422, api.post(VERIFY, null, TestWallet.answer(good, "x".repeat(401), "n")).statusCode());
  }

  @Test
  void b8AskingForSomebodysAddressEndsNoneOfTheirChallenges() throws Exception {
    TestWallet victim = TestWallet.fresh();
    JsonNode mine = victim.challenge(api);
    AtomicInteger turn = new AtomicInteger();
    List<Integer> statuses =
        TestApi.together(12, () -> TestWallet.ask(either(turn), victim.address()));
    assertEquals(4, Collections.frequency(statuses, 200), "five at once in all");
    assertEquals(8, Collections.frequency(statuses, 429));
    HttpResponse<String> refused = TestWallet.ask(api, victim.address());
    assertEquals(
        "{\"detail\":\"Too many open challenges for this address: at most 5\"}", refused.body());
    long wait = refused.headers().firstValueAsLong("Retry-After").orElse(0);
    assertTrue(wait > 200 && wait <= 301, "until one expires: " + wait);
    assertEquals(200, api.post(VERIFY, null, victim.answer(mine)).statusCode());
  }

  @Test
  void b8OneClientCannotTakeAllPlacesOfSomebodysAddress() throws Exception {
    TestWallet victim = TestWallet.fresh();
    String[] attacker = {"X-Forwarded-For", "203.0.113.66"};
    for (int i = 0; i < 5; i++) {
      assertEquals(200, TestWallet.ask(api, victim.address(), attacker).statusCode());
    }
    JsonNode mine =
        Json.parse(TestWallet.ask(api, victim.address(), "X-Forwarded-For", "198.51.100.7").body());
    assertEquals(429, TestWallet.ask(api, victim.address(), attacker).statusCode());
    assertEquals(
        5, api.sql().fetchCount(WALLET_CHALLENGES, WALLET_CHALLENGES.ADDRESS.eq(victim.address())));
    assertEquals(200, api.post(VERIFY, null, victim.answer(mine)).statusCode());
  }

  @Test
  void a7OnlyOneOfManyUsesOfAChallengeWins() throws Exception {
    TestWallet wallet = TestWallet.fresh();
    String body = wallet.answer(wallet.challenge(api));
    AtomicInteger turn = new AtomicInteger();
    List<Integer> statuses = TestApi.together(8, () -> either(turn).post(VERIFY, null, body));
    assertEquals(1, Collections.frequency(statuses, 200));
    assertEquals(7, Collections.frequency(statuses, 400));
    HttpResponse<String> replayed = api.post(VERIFY, null, body);
    assertEquals(400, replayed.statusCode());
    assertEquals(INVALID, replayed.body());
  }

  @Test
  void a9ParallelFirstSignInsOfOneWalletAreOneUser() throws Exception {
    TestWallet wallet = TestWallet.fresh();
    List<String> bodies = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      bodies.add(wallet.answer(wallet.challenge(api)));
    }
    int users = api.sql().fetchCount(USERS);
    AtomicInteger turn = new AtomicInteger();
    List<Integer> statuses =
        TestApi.together(
            5,
            () -> {
              int mine = turn.getAndIncrement();
              return (mine % 2 == 0 ? api : second).post(VERIFY, null, bodies.get(mine));
            });
    assertEquals(Collections.nCopies(5, 200), statuses);
    assertEquals(users + 1, api.sql().fetchCount(USERS));
    assertEquals(
        1,
        api.sql().fetchCount(WALLET_CONNECTIONS, WALLET_CONNECTIONS.ADDRESS.eq(wallet.address())));
  }

  @Test
  void fiveWrongSignaturesEndAChallenge() throws Exception {
    TestWallet wallet = TestWallet.fresh();
    JsonNode challenge = wallet.challenge(api);
    String nonce = challenge.get("nonce").textValue();
    String forged = TestWallet.fresh().sign(challenge.get("message").textValue());
    AtomicInteger turn = new AtomicInteger();
    List<Integer> statuses =
        TestApi.together(
            5,
            () ->
                either(turn)
                    .post(VERIFY, null, TestWallet.answer(wallet.address(), forged, nonce)));
    assertEquals(Collections.nCopies(5, 400), statuses);
    assertEquals(400, api.post(VERIFY, null, wallet.answer(challenge)).statusCode());
    // It no longer takes a place.
    Set<String> nonces = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      nonces.add(wallet.challenge(api).get("nonce").textValue());
    }
    assertEquals(5, nonces.size());
  }

  @Test
  void aChallengeIsOneAddressesForFiveMinutes() throws Exception {
    TestWallet wallet = TestWallet.fresh();
    TestWallet other = TestWallet.fresh();
    JsonNode challenge = wallet.challenge(api);
    assertEquals(
        INVALID,
        api.post(
                VERIFY,
                null,
                TestWallet.answer(
                    other.address(),
                    other.sign(challenge.get("message").textValue()),
                    challenge.get("nonce").textValue()))
            .body());
    try (TestApi later = api.beside()) {
      later.clock.advance(Duration.ofMinutes(5));
      assertEquals(400, later.post(VERIFY, null, wallet.answer(challenge)).statusCode());
      later.clock.advance(Duration.ofSeconds(-20));
      assertEquals(200, later.post(VERIFY, null, wallet.answer(challenge)).statusCode());
    }
  }

  @Test
  void challengesOfTheOriginalCannotBeAnswered() throws Exception {
    TestWallet wallet = TestWallet.fresh();
    String nonce = "0".repeat(32);
    api.sql()
        .execute(
            "insert into wallet_challenges (id, address, nonce, expires_at, created_at) values"
                + " (gen_random_uuid(), {0}, {1}, now() + interval '5 minutes', now())",
            org.jooq.impl.DSL.val(wallet.address()), org.jooq.impl.DSL.val(nonce));
    String body = TestWallet.answer(wallet.address(), wallet.sign(""), nonce);
    assertEquals(400, api.post(VERIFY, null, body).statusCode());
  }

  @Test
  void b7ChallengesAreThrottledByClient(Postgres postgres) throws Exception {
    try (TestApi strict =
        TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "0.05"))) {
      String[] from = {"X-Forwarded-For", "203.0.113.9"};
      for (int i = 0; i < 3; i++) {
        assertEquals(200, TestWallet.ask(strict, TestWallet.fresh().address(), from).statusCode());
      }
      HttpResponse<String> fourth = TestWallet.ask(strict, TestWallet.fresh().address(), from);
      assertEquals(429, fourth.statusCode());
      assertEquals(
          "{\"detail\":\"Too many wallet challenges from here: at most 3 per hour\"}",
          fourth.body());
      assertTrue(fourth.headers().firstValueAsLong("Retry-After").orElse(0) > 0);
      String body = TestWallet.answer(TestWallet.fresh().address(), "0x", "n");
      for (int i = 0; i < 6; i++) {
        assertEquals(400, strict.post(VERIFY, null, body).statusCode());
      }
      assertEquals(429, strict.post(VERIFY, null, body).statusCode());
    }
  }
}
