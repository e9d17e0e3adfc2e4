package ai.liberclaw.agent.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronExpressionTest {
  @ParameterizedTest(name = "{0} after {1} is {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # expression          | after                | next
          * * * * *             | 2026-11-21T16:00:00Z | 2026-11-21T16:01:00Z
          * * * * *             | 2026-11-21T16:00:59Z | 2026-11-21T16:01:00Z
          0 9 * * *             | 2026-11-21T09:00:00Z | 2026-11-22T09:00:00Z
          0 9 * * *             | 2026-11-21T08:59:59Z | 2026-11-21T09:00:00Z
          */15 * * * *          | 2026-11-21T16:15:00Z | 2026-11-21T16:30:00Z
          5/20 * * * *          | 2026-11-21T16:30:00Z | 2026-11-21T16:45:00Z
          10-30/10 8,20 * * *   | 2026-11-21T08:30:00Z | 2026-11-21T20:10:00Z
          0 0 1 jan *           | 2026-11-21T16:00:00Z | 2027-01-01T00:00:00Z
          0 0 1 JAN-MAR/2 *     | 2027-01-02T00:00:00Z | 2027-03-01T00:00:00Z
          0 0 * * 0             | 2026-11-21T16:00:00Z | 2026-11-22T00:00:00Z
          0 0 * * 7             | 2026-11-21T16:00:00Z | 2026-11-22T00:00:00Z
          0 0 * * Sun           | 2026-11-21T16:00:00Z | 2026-11-22T00:00:00Z
          0 0 * * mon-fri       | 2026-11-21T16:00:00Z | 2026-11-23T00:00:00Z
          0 0 * * fri-sun       | 2026-11-23T16:00:00Z | 2026-11-27T00:00:00Z
          0 0 * * 5-7           | 2026-11-21T16:00:00Z | 2026-11-22T00:00:00Z
          0 0 29 2 *            | 2026-11-21T16:00:00Z | 2028-02-29T00:00:00Z
          0 0 29 2 *            | 2096-02-29T00:00:00Z | 2104-02-29T00:00:00Z
          0 0 31 * *            | 2026-11-21T16:00:00Z | 2026-12-31T00:00:00Z
          @hourly               | 2026-11-21T16:00:00Z | 2026-11-21T17:00:00Z
          @daily                | 2026-11-21T16:00:00Z | 2026-11-22T00:00:00Z
          @midnight             | 2026-11-21T16:00:00Z | 2026-11-22T00:00:00Z
          @Weekly               | 2026-11-21T16:00:00Z | 2026-11-22T00:00:00Z
          @monthly              | 2026-11-21T16:00:00Z | 2026-12-01T00:00:00Z
          @yearly               | 2026-11-21T16:00:00Z | 2027-01-01T00:00:00Z
          @annually             | 2026-11-21T16:00:00Z | 2027-01-01T00:00:00Z
          """)
  void minutesAreFoundInUtc(String expression, Instant after, Instant next) throws Exception {
    assertEquals(Optional.of(next), CronExpression.of(expression).next(after, ZoneId.of("UTC")));
  }

  /** The 13th of November 2026 is a Friday. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0 0 13 * fri    | 2026-11-06 2026-11-13 2026-11-20 2026-11-27
          0 0 1,15 * fri  | 2026-11-06 2026-11-13 2026-11-15 2026-11-20
          0 0 13 * *      | 2026-11-13 2026-12-13 2027-01-13 2027-02-13
          0 0 * * fri     | 2026-11-06 2026-11-13 2026-11-20 2026-11-27
          0 0 */2 * fri   | 2026-11-13 2026-11-27 2026-12-11 2026-12-25
          """)
  void w22OfTwoDayFieldsThatRestrictOneIsEnough(String expression, String days) throws Exception {
    CronExpression cron = CronExpression.of(expression);
    List<String> found = new ArrayList<>();
    Instant at = Instant.parse("2026-11-01T00:00:00Z");
    while (found.size() < 4) {
      at = cron.next(at, ZoneId.of("UTC")).orElseThrow();
      found.add(at.toString().substring(0, 10));
    }
    assertEquals(days, String.join(" ", found));
  }

  /** In Berlin the clocks go from 02:00 to 03:00 on 2027-03-28, and back on 2026-10-25. */
  @ParameterizedTest(name = "{0} after {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # a fixed hour that is skipped comes when the clocks have jumped, once
          30 2 * * *     | 2027-03-27T12:00:00Z | 2027-03-28T01:00:00Z 2027-03-29T00:30:00Z
          */10 2 * * *   | 2027-03-27T12:00:00Z | 2027-03-28T01:00:00Z 2027-03-29T00:00:00Z
          0 2,3 * * *    | 2027-03-27T12:00:00Z | 2027-03-28T01:00:00Z 2027-03-29T00:00:00Z
          30 2 * * *     | 2027-03-28T00:59:30Z | 2027-03-28T01:00:00Z 2027-03-29T00:30:00Z
          30 2 * * *     | 2027-03-28T01:00:00Z | 2027-03-29T00:30:00Z 2027-03-30T00:30:00Z
          0 9 * * *      | 2027-03-27T12:00:00Z | 2027-03-28T07:00:00Z 2027-03-29T07:00:00Z
          # a fixed hour that comes twice comes the first time
          30 2 * * *     | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z
          30 2 * * *     | 2026-10-25T00:30:00Z | 2026-10-26T01:30:00Z 2026-10-27T01:30:00Z
          30 2 * * *     | 2026-10-25T01:10:00Z | 2026-10-26T01:30:00Z 2026-10-27T01:30:00Z
          45 2,3 * * *   | 2026-10-25T00:45:00Z | 2026-10-25T02:45:00Z 2026-10-26T01:45:00Z
          # every hour follows the clock on the wall
          30 * * * *     | 2027-03-28T00:00:00Z | 2027-03-28T00:30:00Z 2027-03-28T01:30:00Z
          30 * * * *     | 2026-10-25T00:00:00Z | 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z
          0 */2 * * *    | 2027-03-28T00:00:00Z | 2027-03-28T02:00:00Z 2027-03-28T04:00:00Z
          """)
  void changesOfTheClocksLoseNothingAndRepeatNothing(
      String expression, Instant after, String moments) throws Exception {
    CronExpression cron = CronExpression.of(expression);
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Instant first = cron.next(after, berlin).orElseThrow();
    Instant second = cron.next(first, berlin).orElseThrow();
    assertEquals(moments, first + " " + second);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * 0 *",
        "* * * * 8",
        "*/0 * * * *",
        "*/x * * * *",
        "5-1 * * * *",
        "1,,2 * * * *",
        "-1 * * * *",
        "1- * * * *",
        "* * * foo *",
        "@reboot",
        "@every 5m",
        "0 0 30 2 *",
        "0 0 31 4,6,9,11 *",
        "1.5 * * * *",
        "99999999999 * * * *"
      })
  void whatIsNoExpressionIsToldApart(String expression) {
    ScheduleFault fault = assertThrows(ScheduleFault.class, () -> CronExpression.of(expression));
    assertTrue(fault.text().length() > 20, fault.text());
  }

  @Test
  void aFaultNamesTheFieldAndWhatMayStandThere() {
    ScheduleFault fault = assertThrows(ScheduleFault.class, () -> CronExpression.of("* 25 * * *"));
    assertEquals("'25' in the hour field is not 0 to 23", fault.text());
  }
}
