package ai.liberclaw.deploy.budget;

/** What was spent in a period, by calls that have ended. */
public record Spending(long nanodollars, long tokens, long requests) {
  public static final Spending NONE = new Spending(0, 0, 0);
}
