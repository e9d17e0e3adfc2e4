package ai.liberclaw.api.activity;

import ai.liberclaw.core.config.EnvReader;

/**
 * How many readers of the public feed this server serves at a time.
 *
 * @param streamsMax in all; 0 serves none
 * @param streamsPerAddressMax from one address, or one IPv6 network of 64 bits
 */
public record FeedLimits(int streamsMax, int streamsPerAddressMax) {
  /** Reads the two variables. */
  public static FeedLimits read(EnvReader env) {
    return new FeedLimits(
        (int)
            env.integer(
                "LIBERCLAW_ACTIVITY_STREAMS_MAX",
                2000,
                0,
                15_000,
                "open streams of the public feed on this server"),
        (int)
            env.integer(
                "LIBERCLAW_ACTIVITY_STREAMS_PER_ADDRESS",
                10,
                1,
                15_000,
                "open streams of the public feed from one address"));
  }
}
