package ai.liberclaw.deploy.inference;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.config.SecureUrl;
import java.net.URI;
import java.util.Optional;

/**
 * Where agents that do not live beside this server reach its gateway to models.
 *
 * @param away from other machines; empty when nothing was set that they could reach
 * @param containers from containers of this machine; empty likewise
 */
public record GatewaySettings(Optional<URI> away, Optional<URI> containers) {
  private static final String AWAY = "LIBERCLAW_GATEWAY_URL";
  private static final String CONTAINERS = "LIBERCLAW_CONTAINER_GATEWAY_URL";

  /**
   * Reads the variables; problems are noted in the reader.
   *
   * @param devMode other machines may be reached by plain http, too
   */
  public static GatewaySettings read(EnvReader env, boolean devMode) {
    Optional<URI> here =
        env.optional("LIBERCLAW_API_URL", "where OAuth providers send back to")
            .flatMap(GatewaySettings::origin)
            .filter(uri -> "https".equalsIgnoreCase(uri.getScheme()));
    Optional<URI> away =
        read(
                env,
                AWAY,
                "where agents on other machines reach this API (default: LIBERCLAW_API_URL)",
                devMode)
            .or(() -> here);
    Optional<URI> containers =
        read(
                env,
                CONTAINERS,
                "where containers of this machine reach this API (default: LIBERCLAW_GATEWAY_URL)",
                true)
            .or(() -> away);
    return new GatewaySettings(away, containers);
  }

  /** As agents on other machines see it. */
  public Gateway fromAway() {
    return seen(away, AWAY + " is not set: by it agents on other machines reach models");
  }

  /** As agents in containers of this machine see it. */
  public Gateway fromContainers() {
    return seen(
        containers,
        CONTAINERS
            + " is not set: by it agents in containers reach models; it is an address of this"
            + " machine other than loopback, and HOST has to include it");
  }

  private static Gateway seen(Optional<URI> origin, String reason) {
    return origin.<Gateway>map(Gateway.At::new).orElseGet(() -> new Gateway.Nowhere(reason));
  }

  /**
   * @param plain http will do, as nobody else can listen there
   */
  private static Optional<URI> read(EnvReader env, String name, String meaning, boolean plain) {
    Optional<String> text = env.optional(name, meaning);
    Optional<URI> origin =
        text.flatMap(GatewaySettings::origin)
            .filter(uri -> plain || "https".equalsIgnoreCase(uri.getScheme()));
    if (text.isPresent() && origin.isEmpty()) {
      env.problem(
          name,
          "must be an "
              + (plain ? "http or https" : "https")
              + " address without a path that others than this machine reach");
    }
    return origin;
  }

  private static Optional<URI> origin(String text) {
    try {
      URI uri = URI.create(text.strip().replaceAll("/+$", ""));
      boolean web =
          "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
      boolean plain =
          uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawPath().isEmpty()
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null;
      return web && plain && !SecureUrl.onLoopback(uri) ? Optional.of(uri) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
