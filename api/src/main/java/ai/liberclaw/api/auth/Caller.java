package ai.liberclaw.api.auth;

import ai.liberclaw.core.web.Exchange;
import java.util.Optional;
import java.util.UUID;

/**
 * The signed-in user of a request. Every query for something a user owns takes {@link #userId}.
 *
 * @param tier {@code guest}, {@code free} or {@code pro}
 */
public record Caller(UUID userId, String tier) {
  /**
   * The caller of a route that asks for one.
   *
   * @throws IllegalStateException when the route's path is not among those that {@link
   *     Authentication} guards: a fault of ours, answered as 500 and never as somebody
   */
  public static Caller of(Exchange exchange) {
    return find(exchange).orElseThrow(() -> new IllegalStateException("this route is not guarded"));
  }

  static Optional<Caller> find(Exchange exchange) {
    return exchange.request().context().get(Caller.class);
  }

  void attachTo(Exchange exchange) {
    exchange.request().context().register(this);
  }
}
