package ai.liberclaw.agent.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Before;
import ai.liberclaw.core.web.Exchange;
import java.util.Map;
import java.util.Set;

/**
 * Asks every request but those to public paths for the secret, before it is looked whether the path
 * exists. {@code Authorization} holds it after {@code Bearer} or bare.
 */
public final class SecretCheck implements Before {
  private static final String BEARER = "bearer ";

  private final Secret secret;
  private static final String ALL_BELOW = "/*";

  private final Set<String> publicPaths;
  private final FailureCount failures = new FailureCount(System::nanoTime);

  /**
   * @param publicPaths raw paths; one that ends in a star stands for all below it
   */
  public SecretCheck(Secret secret, Set<String> publicPaths) {
    this.secret = secret;
    this.publicPaths = Set.copyOf(publicPaths);
  }

  @Override
  public boolean handle(Exchange exchange) {
    if (isPublic(exchange.rawPath())
        || secret.matches(presented(exchange.requestHeader("Authorization").orElse("")))) {
      return true;
    }
    // Whoever has the secret is never kept out: behind a proxy all callers share one address.
    if (failures.add(exchange.peer())) {
      throw new Refusal(
          429,
          "too many failed attempts: over " + FailureCount.PER_MINUTE_MAX + " in a minute",
          Map.of("Retry-After", "60"));
    }
    throw new Refusal(401, "unauthorized");
  }

  private boolean isPublic(String rawPath) {
    int end = rawPath.indexOf('/', 1);
    return publicPaths.contains(rawPath)
        || (end > 0 && publicPaths.contains(rawPath.substring(0, end) + ALL_BELOW));
  }

  private static String presented(String header) {
    String value = header.strip();
    return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? value.substring(BEARER.length()).strip()
        : value;
  }
}
