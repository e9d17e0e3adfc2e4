package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Messages per day, as the app's chart shows them. */
@ExtendWith(Postgres.Extension.class)
class UsageHistoryTest {
  @Test
  void c21HistoryCountsCalendarDaysInUtc(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      TestApi.Tokens guest = api.guest();
      TestApi.Tokens other = api.guest();
      LocalDate today = LocalDate.ofInstant(api.clock.instant(), ZoneOffset.UTC);
      Map.of(today, 3, today.minusDays(6), 5, today.minusDays(7), 7, today.minusDays(2), 0)
          .forEach((day, count) -> insert(api, guest, day, count));
      insert(api, other, today.minusDays(1), 9);
      String week =
          "{\"days\":[{\"date\":\"%s\",\"message_count\":3},{\"date\":\"%s\",\"message_count\":5}]}"
              .formatted(today, today.minusDays(6));
      assertEquals(week, history(api, guest, "?days=7").body());
      assertEquals(
          "{\"days\":[{\"date\":\"%s\",\"message_count\":3}]}".formatted(today),
          history(api, guest, "?days=1").body());
      assertEquals(3, history(api, guest, "").body().split("date", -1).length - 1);
      for (String bad : new String[] {"0", "91", "x"}) {
        assertEquals(422, history(api, guest, "?days=" + bad).statusCode(), bad);
      }
    }
  }

  private static void insert(TestApi api, TestApi.Tokens owner, LocalDate day, int count) {
    try {
      api.sql()
          .execute(
              "insert into daily_usage (id, user_id, date, message_count) values (?, ?, ?, ?)",
              UUID.randomUUID(),
              api.userId(owner),
              day,
              count);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<String> history(TestApi api, TestApi.Tokens who, String query)
      throws Exception {
    return api.call("GET", "/usage/history" + query, who.access(), null);
  }
}
