package ai.liberclaw.agent.webchat;

import ai.liberclaw.core.web.Before;
import ai.liberclaw.core.web.Exchange;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Lets the browsers of listed origins read every answer, errors included. The secret travels in a
 * header and never in a cookie, so credentials are never allowed.
 */
public final class Cors implements Before {
  private static final String METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
  private static final String HEADERS = "Authorization, Content-Type, Last-Event-ID, Range";
  private static final String EXPOSED =
      "Content-Disposition, Content-Range, Retry-After, X-Request-Id";
  private static final String MAX_AGE_SECONDS = "600";

  private final Set<String> origins;

  /**
   * @param ownHost the agent's public host name
   */
  public Cors(List<String> origins, Optional<String> ownHost) {
    Set<String> all = new HashSet<>(origins);
    ownHost.ifPresent(host -> all.add("https://" + host));
    this.origins = Set.copyOf(all);
  }

  @Override
  public boolean handle(Exchange exchange) {
    Optional<String> origin = exchange.requestHeader("Origin");
    exchange.header("Vary", "Origin");
    if (origin.filter(this::allows).isPresent()) {
      exchange.header("Access-Control-Allow-Origin", origin.get());
      exchange.header("Access-Control-Expose-Headers", EXPOSED);
    }
    if (!exchange.method().equals("OPTIONS")) {
      return true;
    }
    // Browsers ask without the secret. Without the header above they take this for a no.
    if (origin.filter(this::allows).isPresent()) {
      exchange.header("Access-Control-Allow-Methods", METHODS);
      exchange.header("Access-Control-Allow-Headers", HEADERS);
      exchange.header("Access-Control-Max-Age", MAX_AGE_SECONDS);
    }
    exchange.sendNothing();
    return false;
  }

  private boolean allows(String origin) {
    return origins.contains(WebSettings.ANY_ORIGIN) || origins.contains(origin);
  }
}
