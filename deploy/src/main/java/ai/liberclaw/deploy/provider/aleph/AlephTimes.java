package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.core.retry.Backoff;
import java.time.Duration;

/**
 * How long things may take; tests shorten it.
 *
 * @param processed until the network has taken a message
 * @param unseen after this time a node that has not heard of its machine is given up
 * @param started until a node's machine is up, its image's download included
 * @param login until the machine lets us in
 * @param named until the machine's public name is known and answers
 * @param forgotten until the network has forgotten a machine and its node has ended it
 * @param lost a message that no mirror knows after this time never arrived
 * @param avoid how long a node that failed is not used
 * @param avoidFull the same for one without room
 * @param giveUp after this time a forgotten machine whose node does not answer counts as gone
 * @param poll between two looks
 */
record AlephTimes(
    Duration processed,
    Duration unseen,
    Duration started,
    Duration login,
    Duration named,
    Duration forgotten,
    Duration lost,
    Duration avoid,
    Duration avoidFull,
    Duration giveUp,
    Backoff poll) {
  static AlephTimes usual() {
    return new AlephTimes(
        Duration.ofSeconds(60),
        Duration.ofSeconds(120),
        Duration.ofSeconds(240),
        Duration.ofSeconds(120),
        Duration.ofSeconds(120),
        Duration.ofSeconds(90),
        Duration.ofMinutes(5),
        Duration.ofMinutes(10),
        Duration.ofMinutes(2),
        Duration.ofDays(7),
        new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), 0.2));
  }
}
