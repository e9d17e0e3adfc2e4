package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Limits on how often strangers may cause work. */
@ExtendWith(Postgres.Extension.class)
class ThrottleTest {
  @Test
  void signInsAreThrottledByAddressAndNameTheirLimit(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      for (int i = 0; i < 5; i++) {
        assertEquals(200, newGuest(api, "203.0.113.7").statusCode());
      }
      HttpResponse<String> sixth = newGuest(api, "203.0.113.7");
      assertEquals(429, sixth.statusCode());
      assertEquals(
          "{\"detail\":\"Too many new guests from this address: at most 5 per hour\"}",
          sixth.body());
      assertTrue(sixth.headers().firstValueAsLong("Retry-After").orElse(0) > 0);
      assertEquals(200, newGuest(api, "203.0.113.8").statusCode(), "another address is free");
      assertEquals(200, newGuest(api, "2001:db8:1:2::1").statusCode());
      for (int i = 0; i < 4; i++) {
        assertEquals(200, newGuest(api, "2001:db8:1:2::" + (i + 2)).statusCode());
      }
      assertEquals(429, newGuest(api, "2001:db8:1:2:ffff::9").statusCode(), "one /64 is one");
      api.clock.advance(Duration.ofHours(1));
      assertEquals(200, newGuest(api, "203.0.113.7").statusCode(), "an hour later");

      String body = "{\"email\":\"much@example.com\"}";
      for (int i = 0; i < 5; i++) {
        assertEquals(200, api.post("/auth/login/email", null, body).statusCode());
      }
      assertEquals(429, api.post("/auth/login/email", null, body).statusCode());
    }
  }

  @Test
  void b7BadRefreshesAreThrottledByAddressAndGoodOnesAreNot(Postgres postgres) throws Exception {
    // Three bad ones an hour.
    Map<String, String> settings = Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "0.01");
    try (TestApi api = TestApi.start(postgres, settings)) {
      TestApi.Tokens tokens = api.guest();
      for (int i = 0; i < 6; i++) {
        tokens = api.refreshed(tokens);
      }
      String bad = "{\"refresh_token\":\"nonsense\"}";
      String mine = "203.0.113.9";
      assertEquals(
          List.of(401, 401, 401, 429, 429, 429, 429, 429),
          TestApi.together(
              8, () -> api.call("POST", "/auth/refresh", null, bad, "X-Forwarded-For", mine)));
      HttpResponse<String> refused =
          api.call("POST", "/auth/refresh", null, bad, "X-Forwarded-For", mine);
      assertEquals(
          "{\"detail\":\"Too many failed refreshes from this address: at most 3 per hour\"}",
          refused.body());
      assertTrue(refused.headers().firstValueAsLong("Retry-After").orElse(0) > 0);
      api.refreshed(tokens);
    }
  }

  @Test
  void b6WhoMayMakeNoMoreGuestsCannotGoOnTryingDevices(Postgres postgres) throws Exception {
    // One new guest an hour, and five refused ones.
    Map<String, String> settings = Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "0.05");
    try (TestApi api = TestApi.start(postgres, settings)) {
      String victim = "{\"device_id\":\"android-1700000000000\"}";
      String[] home = {"X-Forwarded-For", "203.0.113.7"};
      assertEquals(200, api.call("POST", "/auth/guest", null, victim, home).statusCode());
      assertEquals(200, newGuest(api, "203.0.113.8").statusCode());
      for (int i = 0; i < 5; i++) {
        assertEquals(429, newGuest(api, "203.0.113.8").statusCode());
      }
      HttpResponse<String> found =
          api.call("POST", "/auth/guest", null, victim, "X-Forwarded-For", "203.0.113.8");
      assertEquals(
          "{\"detail\":\"Too many refused guests from this address: at most 5 per hour\"}",
          found.body());
      for (int i = 0; i < 10; i++) {
        assertEquals(200, api.call("POST", "/auth/guest", null, victim, home).statusCode());
      }
    }
  }

  @Test
  void b7ALineThatAProxyAddsCountsAndNotTheOneBeforeIt(Postgres postgres) throws Exception {
    Map<String, String> settings = Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "0.05");
    try (TestApi api = TestApi.start(postgres, settings)) {
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(api.uri("/auth/guest"))
                .timeout(TestApi.DEADLINE)
                .header("X-Forwarded-For", "198.51.100." + i)
                .header("X-Forwarded-For", "203.0.113.7")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"device_id\":\"" + UUID.randomUUID() + "\"}"))
                .build();
        statuses.add(api.http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
      }
      assertEquals(List.of(200, 429), statuses);
    }
  }

  private static HttpResponse<String> newGuest(TestApi api, String address) throws Exception {
    return api.call(
        "POST",
        "/auth/guest",
        null,
        "{\"device_id\":\"" + UUID.randomUUID() + "\"}",
        "X-Forwarded-For",
        "198.51.100.1, " + address);
  }
}
