package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.WALLET_CHALLENGES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The published examples of wallet signatures, each sent to the server against a challenge with the
 * text it speaks of. The stateful ones are methods of {@link WalletTest}.
 */
@ExtendWith(Postgres.Extension.class)
class WalletVectorsTest {
  private static final String SITE = "https://app.liberclaw.example";
  private static final Pattern TIME =
      Pattern.compile("Issued At: (\\S+)\nExpiration Time: (\\S+)$");

  private static JsonNode vectors() throws Exception {
    try (InputStream in = WalletVectorsTest.class.getResourceAsStream("/vectors/wallet.json")) {
      return Json.parse(in.readAllBytes());
    }
  }

  private static final Map<String, String> SETTINGS =
      Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "100", "LIBERCLAW_FRONTEND_URL", SITE);

  private static TestApi start(Postgres postgres) throws Exception {
    return TestApi.start(postgres, SETTINGS);
  }

  private static ApiServer.Options at(ApiServer.Options options, TestClock clock) {
    return new ApiServer.Options(
        options.environment(),
        clock,
        options.console(),
        options.agentTimeouts(),
        options.relay(),
        options.database());
  }

  @Test
  void everySignatureIsJudgedAsItsVectorSays(Postgres postgres) throws Exception {
    JsonNode vectors = vectors().get("vectors");
    assertTrue(vectors.size() >= 38, "whole");
    try (TestApi api = start(postgres)) {
      for (JsonNode vector : vectors) {
        String nonce = UUID.randomUUID().toString().replace("-", "");
        Instant now = api.clock.instant();
        issue(api, vector, vector.get("message").textValue(), nonce, now, now.plusSeconds(300));
        assertJudged(api, vector, nonce);
      }
    }
  }

  @Test
  void everySignInTextIsJudgedAsItsVectorSays(Postgres postgres) throws Exception {
    JsonNode vectors = vectors().get("siwe");
    assertEquals(7, vectors.size(), "whole");
    JsonNode ours = vectors.get(0);
    assertEquals("ok", ours.get("name").textValue());
    String text = ours.get("message").textValue();
    Matcher times = TIME.matcher(text);
    assertTrue(times.find());
    // From the start: what runs beside deletes what has expired by the clock it began with.
    TestClock clock = TestClock.at(Instant.parse(ours.get("now").textValue()));
    try (TestApi api = TestApi.start(postgres, SETTINGS, options -> at(options, clock))) {
      for (JsonNode vector : vectors) {
        String nonce = vector.get("expected_nonce").textValue();
        api.sql().deleteFrom(WALLET_CHALLENGES).execute();
        clock.advance(
            Duration.between(clock.instant(), Instant.parse(vector.get("now").textValue())));
        // What this server issues for the expected site, address and nonce is the text of "ok".
        issue(
            api, vector, text, nonce, Instant.parse(times.group(1)), Instant.parse(times.group(2)));
        assertJudged(api, vector, nonce);
      }
    }
  }

  @Test
  void theTextIssuedIsThatOfTheVectorsWithItsOwnNonceAndTime(Postgres postgres) throws Exception {
    JsonNode ok = vectors().get("siwe").get(0);
    String text = ok.get("message").textValue();
    try (TestApi api = start(postgres)) {
      HttpResponse<String> answer =
          TestWallet.ask(api, ok.get("address").textValue().toLowerCase(Locale.ROOT));
      JsonNode challenge = Json.parse(answer.body());
      String issued = challenge.get("message").textValue();
      Matcher times = TIME.matcher(issued);
      assertTrue(times.find(), issued);
      assertEquals(
          Duration.ofMinutes(5),
          Duration.between(Instant.parse(times.group(1)), Instant.parse(times.group(2))));
      assertEquals(
          text,
          issued
              .replace(challenge.get("nonce").textValue(), ok.get("expected_nonce").textValue())
              .replace(times.group(1), "2026-01-01T00:00:00Z")
              .replace(times.group(2), "2026-01-01T00:05:00Z"));
    }
  }

  private static void issue(
      TestApi api, JsonNode vector, String text, String nonce, Instant issued, Instant expires) {
    api.sql()
        .insertInto(WALLET_CHALLENGES)
        .set(WALLET_CHALLENGES.ID, UUID.randomUUID())
        .set(WALLET_CHALLENGES.ADDRESS, vector.get("address").textValue().toLowerCase(Locale.ROOT))
        .set(WALLET_CHALLENGES.NONCE, nonce)
        .set(WALLET_CHALLENGES.MESSAGE, text)
        .set(WALLET_CHALLENGES.CREATED_AT, issued)
        .set(WALLET_CHALLENGES.EXPIRES_AT, expires)
        .execute();
  }

  private static void assertJudged(TestApi api, JsonNode vector, String nonce) throws Exception {
    String name = vector.get("name").textValue();
    HttpResponse<String> answer =
        api.post(
            "/auth/wallet/verify",
            null,
            TestWallet.answer(
                vector.get("address").textValue(), vector.get("signature").textValue(), nonce));
    if (vector.get("expect").booleanValue()) {
      assertEquals(200, answer.statusCode(), name);
    } else if (name.contains("address") && answer.statusCode() == 422) {
      assertTrue(answer.body().contains("\"address\""), name + " " + answer.body());
    } else {
      assertEquals(400, answer.statusCode(), name);
      assertEquals("{\"detail\":\"Invalid signature\"}", answer.body(), name);
    }
  }
}
