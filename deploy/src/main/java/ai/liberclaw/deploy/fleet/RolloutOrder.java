package ai.liberclaw.deploy.fleet;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What an operator asks for. The first wave is one agent, the others are of this size.
 *
 * @param release what agents are brought to; empty: what new agents of their provider get
 * @param provider only agents that live there; empty: everywhere
 * @param agents only these; empty: all
 * @param failuresMax with more failures than this everything goes back
 * @param soak how long the agents of a wave must stay well before the next wave
 */
public record RolloutOrder(
    Optional<String> release,
    Optional<String> provider,
    Set<UUID> agents,
    int waveSize,
    int failuresMax,
    Duration soak) {
  public static final int WAVE_SIZE_MAX = 1000;
  public static final int WAVE_SIZE = 10;
  public static final Duration SOAK = Duration.ofSeconds(30);
  public static final Duration SOAK_MAX = Duration.ofDays(1);

  public RolloutOrder {
    agents = Set.copyOf(agents);
    if (waveSize < 1 || waveSize > WAVE_SIZE_MAX) {
      throw new FleetException("A wave is 1 to " + WAVE_SIZE_MAX + " agents.");
    }
    if (failuresMax < 0) {
      throw new FleetException("Failures cannot be fewer than none.");
    }
    if (soak.isNegative() || soak.compareTo(SOAK_MAX) > 0) {
      throw new FleetException("A wave is watched for " + SOAK_MAX.toHours() + " hours at most.");
    }
  }

  /** All agents, to what is current. */
  public static RolloutOrder usual() {
    return new RolloutOrder(Optional.empty(), Optional.empty(), Set.of(), WAVE_SIZE, 0, SOAK);
  }
}
