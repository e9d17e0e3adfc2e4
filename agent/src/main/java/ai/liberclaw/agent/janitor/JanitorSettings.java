package ai.liberclaw.agent.janitor;

import ai.liberclaw.agent.journal.RetentionLimits;
import ai.liberclaw.core.config.EnvReader;
import java.time.Duration;

/**
 * How much of what piles up is kept.
 *
 * @param rows of the database
 * @param toolResults how long long results stay; zero is for ever, as for the others
 * @param downloads how long files stay that were fetched
 * @param images how long pictures stay that were made
 * @param filesMax of each of these folders
 * @param bytesMax of each of these folders
 */
public record JanitorSettings(
    RetentionLimits rows,
    Duration toolResults,
    Duration downloads,
    Duration images,
    int filesMax,
    long bytesMax) {
  private static final int DAYS_MAX = 36_500;

  /** Reads the variables and notes their problems in the reader. */
  public static JanitorSettings fromEnv(EnvReader env) {
    return new JanitorSettings(
        RetentionLimits.fromEnv(env),
        days(env, "TOOL_RESULT_RETENTION_DAYS", 30, "days that files stay in tool-results/"),
        days(env, "DOWNLOAD_RETENTION_DAYS", 90, "days that files stay in downloads/"),
        days(env, "IMAGE_RETENTION_DAYS", 90, "days that generated pictures stay in images/"),
        (int)
            env.integer(
                "KEPT_FILES_MAX", 200, 1, 100_000, "files kept in each of these folders at most"),
        env.integer("KEPT_MIB_MAX", 200, 1, 1 << 20, "MiB kept in each of these folders at most")
            << 20);
  }

  private static Duration days(EnvReader env, String name, int byDefault, String meaning) {
    return Duration.ofDays(env.integer(name, byDefault, 0, DAYS_MAX, meaning + "; 0: for ever"));
  }
}
