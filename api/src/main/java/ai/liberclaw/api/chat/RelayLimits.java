package ai.liberclaw.api.chat;

import java.time.Duration;

/**
 * What bounds a relayed stream.
 *
 * @param keepalive silence after which the client gets a keepalive
 * @param stallMax how long one write to a client may take before the client is dropped
 * @param headWait how long the agent's status is waited for before the client gets its own
 * @param pendingWait how long pending messages are waited for after the end of a turn
 * @param originalStreamMax how long a stream of an agent that cannot resume may last
 * @param detachedMax how long such an agent's turn is read on after its client left
 * @param connectRetry the wait before the second try to connect; twice that before the third
 * @param streamsPerUser open streams one user may have on this server
 */
public record RelayLimits(
    Duration keepalive,
    Duration stallMax,
    Duration headWait,
    Duration pendingWait,
    Duration originalStreamMax,
    Duration detachedMax,
    Duration connectRetry,
    int streamsPerUser) {
  public static RelayLimits standard(int streamsPerUser) {
    return new RelayLimits(
        Duration.ofSeconds(15),
        Duration.ofSeconds(60),
        Duration.ofSeconds(2),
        Duration.ofSeconds(2),
        Duration.ofMinutes(65),
        Duration.ofMinutes(10),
        Duration.ofSeconds(1),
        streamsPerUser);
  }
}
