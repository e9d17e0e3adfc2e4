package ai.liberclaw.api.web;

import ai.liberclaw.core.web.Before;
import ai.liberclaw.core.web.Exchange;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lets the browsers of listed origins read every answer, errors included. Nothing here uses
 * cookies, so credentials are never allowed.
 */
public final class Cors implements Before {
  private static final String METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
  private static final String EXPOSED = "Content-Disposition, Retry-After, X-Request-Id";
  private static final String MAX_AGE_SECONDS = "600";

  /** A public feed: any origin may read it. */
  private static final String PUBLIC_PATH = "/api/v1/activity/stream";

  private final Set<String> origins;

  public Cors(Set<String> origins) {
    this.origins = Set.copyOf(origins);
  }

  @Override
  public boolean handle(Exchange exchange) {
    Optional<String> origin = exchange.requestHeader("Origin");
    if (origin.isEmpty()) {
      return true;
    }
    boolean listed = origins.contains(origin.get());
    headers(origin.get(), exchange.rawPath()).forEach(exchange::header);
    boolean preflight =
        exchange.method().equals("OPTIONS")
            && exchange.requestHeader("Access-Control-Request-Method").isPresent();
    if (!preflight) {
      return true;
    }
    if (!listed) {
      exchange.send(
          400,
          "text/plain; charset=utf-8",
          "Disallowed CORS origin".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return false;
    }
    exchange.header("Access-Control-Allow-Methods", METHODS);
    exchange.header("Access-Control-Max-Age", MAX_AGE_SECONDS);
    exchange
        .requestHeader("Access-Control-Request-Headers")
        .filter(Cors::isHeaderList)
        .ifPresent(names -> exchange.header("Access-Control-Allow-Headers", names));
    exchange.sendNothing();
    return false;
  }

  /** What an answer to this origin carries, also one given before a route is known. */
  public Map<String, String> headers(String origin) {
    return headers(origin, "");
  }

  private Map<String, String> headers(String origin, String rawPath) {
    boolean listed = origins.contains(origin);
    if (!listed && !rawPath.equals(PUBLIC_PATH)) {
      return Map.of("Vary", "Origin");
    }
    return Map.of(
        "Vary",
        "Origin",
        "Access-Control-Allow-Origin",
        listed ? origin : "*",
        "Access-Control-Expose-Headers",
        EXPOSED);
  }

  /** Only what can be a list of header names is echoed. */
  private static boolean isHeaderList(String names) {
    return names.length() <= 1000
        && names.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_, ".indexOf(c) >= 0);
  }
}
