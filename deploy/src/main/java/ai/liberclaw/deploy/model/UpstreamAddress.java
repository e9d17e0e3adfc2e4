package ai.liberclaw.deploy.model;

import ai.liberclaw.core.config.SecureUrl;
import ai.liberclaw.core.http.AddressPolicy;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Which addresses a model service may have: https, or http where nobody else can listen. */
final class UpstreamAddress {
  static final String RULE = "must be an https address, or http on loopback where that is allowed";

  private final boolean plainLoopback;
  private final AddressPolicy exempt;

  /**
   * @param plainLoopback any kind may be asked over http on loopback, not Ollama alone
   * @param allowHosts the operator's own networks, where http is the operator's choice
   */
  UpstreamAddress(boolean plainLoopback, List<String> allowHosts) {
    this.plainLoopback = plainLoopback;
    this.exempt = new AddressPolicy(allowHosts);
  }

  /** The address without a slash at its end; empty when it must not be used. */
  Optional<URI> of(String text, UpstreamKind kind) {
    URI uri;
    try {
      uri = URI.create(text.strip().replaceAll("/+$", ""));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    boolean plain =
        uri.getHost() != null
            && uri.getRawUserInfo() == null
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null;
    if (!plain) {
      return Optional.empty();
    }
    if ("https".equalsIgnoreCase(uri.getScheme())) {
      return Optional.of(uri);
    }
    boolean http = "http".equalsIgnoreCase(uri.getScheme());
    boolean loopback = SecureUrl.onLoopback(uri) && (plainLoopback || kind == UpstreamKind.OLLAMA);
    int port = uri.getPort() < 0 ? 80 : uri.getPort();
    return http && (loopback || exempt.exempt(uri.getHost(), port))
        ? Optional.of(uri)
        : Optional.empty();
  }
}
