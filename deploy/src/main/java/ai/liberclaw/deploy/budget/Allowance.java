package ai.liberclaw.deploy.budget;

/**
 * What a user may spend in a period.
 *
 * @param limit the user's own, or else what holds for each of their tier
 * @param spent by calls that have ended
 * @param reserved for calls that run
 */
public record Allowance(Limit limit, Spending spent, Spending reserved) {}
