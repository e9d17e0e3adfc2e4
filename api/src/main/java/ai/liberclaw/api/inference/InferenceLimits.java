package ai.liberclaw.api.inference;

import ai.liberclaw.core.config.EnvReader;
import java.time.Duration;

/**
 * What bounds calls of models.
 *
 * @param bodyBytesMax of a request, pictures in it included
 * @param callsPerAgent that one agent may have running on this server
 * @param headWait how long a service's status is waited for before a stream begins without it
 * @param keepalive silence after which a stream gets a comment
 * @param stallMax how long one write to an agent may take before it counts as gone
 */
public record InferenceLimits(
    int bodyBytesMax, int callsPerAgent, Duration headWait, Duration keepalive, Duration stallMax) {
  /** Bytes of one event of a service. */
  static final int EVENT_BYTES_MAX = 16 << 20;

  /** Bytes of a whole answer, which may be pictures. */
  static final int ANSWER_BYTES_MAX = 64 << 20;

  /**
   * What operators may set.
   *
   * @param bodyBytesMax of a request
   * @param callsPerAgent that one agent may have running on this server
   */
  public record Settings(int bodyBytesMax, int callsPerAgent) {
    private static final int MIB = 1 << 20;

    public static Settings read(EnvReader env) {
      return new Settings(
          MIB
              * (int)
                  env.integer(
                      "LIBERCLAW_INFERENCE_BODY_MB", 20, 1, 200, "of a request to a model (MiB)"),
          (int)
              env.integer(
                  "LIBERCLAW_INFERENCE_CALLS_PER_AGENT",
                  16,
                  1,
                  100_000,
                  "model calls one agent may have running on this server"));
    }

    public InferenceLimits with(Duration headWait, Duration keepalive, Duration stallMax) {
      return new InferenceLimits(bodyBytesMax, callsPerAgent, headWait, keepalive, stallMax);
    }
  }
}
