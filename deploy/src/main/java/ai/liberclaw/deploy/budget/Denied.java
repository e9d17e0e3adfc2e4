package ai.liberclaw.deploy.budget;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Why a call is not made. */
public sealed interface Denied extends Grant {
  /** For the caller: plain, and without what is nobody's business. */
  String message();

  /** The agent or user is gone, or the token is of an agent as it was before. */
  record Gone() implements Denied {
    @Override
    public String message() {
      return "This token is no longer accepted.";
    }
  }

  /** Nobody said what the model costs. */
  record Unpriced(String model) implements Denied {
    @Override
    public String message() {
      return "The price of this model is not known, so it cannot be used: " + model;
    }
  }

  /**
   * The call might cost more than is left.
   *
   * @param max the limit, in nano-dollars, tokens or requests
   * @param left of it, without what running calls hold back
   * @param resetsAt when the next period begins
   */
  record Spent(Scope scope, Period period, Unit unit, long max, long left, Instant resetsAt)
      implements Denied {
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    @Override
    public String message() {
      String whose =
          switch (scope) {
            case AGENT -> "This agent's";
            case USER -> "Your";
            case TIER -> "Your plan's shared";
            case SITE -> "This platform's";
          };
      String when =
          switch (period) {
            case DAY -> "daily";
            case MONTH -> "monthly";
          };
      // What all share, and how much of it is left, is the operator's business.
      String figures =
          switch (scope) {
            case AGENT, USER ->
                " of " + unit.text(max) + " does not cover this call, " + unit.text(left) + " left";
            case TIER, SITE -> " does not cover this call";
          };
      return whose
          + " "
          + when
          + " budget"
          + figures
          + ". It starts anew at "
          + TIME.format(resetsAt)
          + ".";
    }
  }
}
