package ai.liberclaw.deploy.budget;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most that may be spent in a period; what is empty has no limit.
 *
 * @param nanodollars money, 1e-9 USD
 */
public record Limit(OptionalLong nanodollars, OptionalLong tokens, OptionalLong requests) {
  public static final Limit NONE =
      new Limit(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

  /** A billion dollars. */
  public static final long NANODOLLARS_MAX = 1_000_000_000_000_000_000L;

  public static final long COUNT_MAX = 1_000_000_000_000_000L;

  /** What stands for no limits at all. */
  public static final String UNLIMITED = "none";

  /** How {@link #parse} is written. */
  public static final String FORM =
      "for instance \"2 USD/day, 30 USD/month, 1000000 tokens/day, 500 requests/day\", or none";

  private static final Pattern PART =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?(usd|tokens|requests) ?/ ?(day|month)");

  public Limit {
    within(nanodollars, NANODOLLARS_MAX);
    within(tokens, COUNT_MAX);
    within(requests, COUNT_MAX);
  }

  /**
   * Reads limits as people write them.
   *
   * @throws IllegalArgumentException with a message for who wrote it
   */
  public static Map<Period, Limit> parse(String text) {
    Map<Period, Limit> limits = new EnumMap<>(Period.class);
    if (text.strip().equalsIgnoreCase(UNLIMITED)) {
      return limits;
    }
    for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
      Matcher matcher = PART.matcher(part.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException("must be " + FORM);
      }
      Period period = Period.of(matcher.group(3));
      Limit known = limits.getOrDefault(period, NONE);
      limits.put(period, known.with(matcher.group(2), new BigDecimal(matcher.group(1))));
    }
    return limits;
  }

  /** As {@link #parse} reads it. */
  public static String text(Map<Period, Limit> limits) {
    List<String> parts = new ArrayList<>();
    limits.forEach((period, limit) -> {
      for (Unit unit : Unit.values()) {
        limit.of(unit).ifPresent(amount -> parts.add(unit.text(amount) + "/" + period.key()));
      }
    });
    return parts.isEmpty() ? UNLIMITED : String.join(", ", parts);
  }

  public OptionalLong of(Unit unit) {
    return switch (unit) {
      case NANODOLLARS -> nanodollars;
      case TOKENS -> tokens;
      case REQUESTS -> requests;
    };
  }

  /** Nano-dollars of so many dollars; empty when there are parts of one, or too many. */
  public static Optional<Long> nanodollars(BigDecimal usd) {
    try {
      long amount = usd.movePointRight(9).longValueExact();
      return amount < 0 || amount > NANODOLLARS_MAX ? Optional.empty() : Optional.of(amount);
    } catch (ArithmeticException _) {
      return Optional.empty();
    }
  }

  private Limit with(String unit, BigDecimal amount) {
    try {
      return switch (unit) {
        case "usd" ->
            new Limit(
                once(nanodollars, amount.movePointRight(9).longValueExact()), tokens, requests);
        case "tokens" -> new Limit(nanodollars, once(tokens, amount.longValueExact()), requests);
        default -> new Limit(nanodollars, tokens, once(requests, amount.longValueExact()));
      };
    } catch (ArithmeticException _) {
      throw new IllegalArgumentException("must be " + FORM);
    }
  }

  private static OptionalLong once(OptionalLong known, long amount) {
    if (known.isPresent()) {
      throw new IllegalArgumentException("names one limit twice; must be " + FORM);
    }
    return OptionalLong.of(amount);
  }

  private static void within(OptionalLong amount, long max) {
    if (amount.isPresent() && (amount.getAsLong() < 0 || amount.getAsLong() > max)) {
      throw new IllegalArgumentException("no such limit: " + amount.getAsLong());
    }
  }
}
