package ai.liberclaw.deploy.budget;

import java.math.BigDecimal;
import java.util.Locale;

/** What a budget counts. Stored in lower case. */
public enum Unit {
  NANODOLLARS,
  TOKENS,
  REQUESTS;

  private static final int NANO_DIGITS = 9;

  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Unit of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }

  /** For people: {@code 1.5 USD}, {@code 2000 tokens}. */
  public String text(long amount) {
    return switch (this) {
      case NANODOLLARS -> usd(amount).toPlainString() + " USD";
      case TOKENS -> amount + " tokens";
      case REQUESTS -> amount + " requests";
    };
  }

  /** Dollars, without zeros at the end. */
  public static BigDecimal usd(long nanodollars) {
    BigDecimal usd = BigDecimal.valueOf(nanodollars, NANO_DIGITS).stripTrailingZeros();
    return usd.scale() < 0 ? usd.setScale(0) : usd;
  }
}
