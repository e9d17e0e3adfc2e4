package ai.liberclaw.agent.journal;

import ai.liberclaw.core.config.EnvReader;
import java.time.Duration;

/**
 * How long rows are kept; zero is for ever.
 *
 * @param events of chats, with their turns
 * @param internalChats the rows of the agent's own chats and of coding tasks, once they have ended
 * @param approvals that were decided, and the turns they belong to
 * @param pending messages that nobody fetches
 * @param processes that have ended, with their logs
 * @param factsMax remembered facts that are not archived; as many again are kept in the archive
 */
public record RetentionLimits(
    Duration events,
    Duration internalChats,
    Duration approvals,
    Duration pending,
    Duration processes,
    int factsMax) {
  /** How long messages that were fetched are kept, for recovery by hand. */
  static final Duration FETCHED = Duration.ofHours(24);

  /** How long events about subagents wait for a channel's reader. */
  static final Duration SUBAGENT_EVENTS = Duration.ofDays(7);

  private static final int DAYS_MAX = 36_500;

  /** Reads the variables and notes their problems in the reader. */
  public static RetentionLimits fromEnv(EnvReader env) {
    return new RetentionLimits(
        days(env, "RUNTIME_EVENT_RETENTION_DAYS", 30, "days that events of chats are kept"),
        days(env, "INTERNAL_CHAT_RETENTION_DAYS", 30, "days that ended jobs' messages are kept"),
        days(env, "APPROVAL_RETENTION_DAYS", 90, "days that decided approvals are kept"),
        days(env, "PENDING_RETENTION_DAYS", 90, "days that messages wait to be fetched"),
        days(env, "PROCESS_RETENTION_DAYS", 7, "days that ended processes' logs are kept"),
        (int) env.integer("MEMORY_RECORDS_MAX", 2_000, 1, 1_000_000, "remembered facts kept"));
  }

  private static Duration days(EnvReader env, String name, int byDefault, String meaning) {
    return Duration.ofDays(env.integer(name, byDefault, 0, DAYS_MAX, meaning + "; 0: for ever"));
  }
}
