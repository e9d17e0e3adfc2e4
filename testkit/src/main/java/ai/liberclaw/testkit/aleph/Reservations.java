package ai.liberclaw.testkit.aleph;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Room on a node that is kept for somebody until a machine takes it or the time is over. */
final class Reservations {
  private static final Duration KEPT = Duration.ofMinutes(5);

  private final Map<String, Reservation> byWish = new LinkedHashMap<>();

  private record Reservation(String owner, Instant end) {}

  /**
   * Keeps room; a repeated wish counts once.
   *
   * @param free how many more machines fit
   * @return until when; empty when the node is full
   */
  synchronized Optional<Instant> keep(String owner, String content, int free, Instant now) {
    byWish.values().removeIf(reservation -> reservation.end().isBefore(now));
    String wish = Ledger.sha256(content);
    if (!byWish.containsKey(wish) && byWish.size() >= free) {
      return Optional.empty();
    }
    byWish.put(wish, new Reservation(owner, now.plus(KEPT)));
    return Optional.of(now.plus(KEPT));
  }

  /** A machine of somebody takes the room that was first kept for them, if any was. */
  synchronized void use(String owner) {
    byWish.entrySet().stream()
        .filter(entry -> entry.getValue().owner().equalsIgnoreCase(owner))
        .map(Map.Entry::getKey)
        .findFirst()
        .ifPresent(byWish::remove);
  }
}
