package ai.liberclaw.deploy.host.proxy;

import ai.liberclaw.core.config.EnvReader;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How agents get public names on hosts.
 *
 * @param artifact the proxy's program; empty: there are no public names
 * @param certificates who gives hosts their certificates
 */
public record ProxySettings(Optional<ProxyArtifact> artifact, Certificates certificates) {
  private static final Pattern URL =
      Pattern.compile("https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9./_-]*");

  /** Who gives certificates. */
  public sealed interface Certificates {
    /** Caddy's own choice of public authorities. */
    record Public() implements Certificates {}

    /** One that speaks ACME at this URL. */
    record Acme(URI directory) implements Certificates {}

    /** The host itself; nobody trusts them. For networks without a way out, and tests. */
    record Own() implements Certificates {}
  }

  /** Reads the variables; problems are noted in the reader. */
  public static ProxySettings read(EnvReader env) {
    Optional<String> authority =
        env.optional(
            "LIBERCLAW_PROXY_ACME_URL",
            "ACME directory for hosts' certificates (default: Let's Encrypt, ZeroSSL)");
    Certificates certificates = new Certificates.Public();
    if (authority.isPresent()) {
      if (URL.matcher(authority.get()).matches()) {
        certificates = new Certificates.Acme(URI.create(authority.get()));
      } else {
        env.problem("LIBERCLAW_PROXY_ACME_URL", "must be an https:// URL");
      }
    }
    return new ProxySettings(ProxyArtifact.read(env), certificates);
  }

  /** Lines of Caddy's global options. */
  String options() {
    return switch (certificates) {
      case Certificates.Public _ -> "";
      case Certificates.Acme acme -> "\tacme_ca " + acme.directory() + "\n";
      case Certificates.Own _ -> "\tlocal_certs\n\tskip_install_trust\n";
    };
  }
}
