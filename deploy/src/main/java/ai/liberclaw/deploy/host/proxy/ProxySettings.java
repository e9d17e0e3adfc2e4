package ai.liberclaw.deploy.host.proxy;

import ai.liberclaw.core.config.EnvReader;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How hosts get certificates.
 *
 * @param certificates who gives them
 */
public record ProxySettings(Certificates certificates) {
  private static final Pattern URL = Pattern.compile("https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9./_-]*");

  /** Who gives certificates. */
  public sealed interface Certificates {
    /** Caddy's own choice of public authorities. */
    record Public() implements Certificates {}

    /** One that speaks ACME at this URL. */
    record Acme(URI directory) implements Certificates {}

    /** The host itself; nobody trusts them. For networks without a way out, and tests. */
    record Own() implements Certificates {}
  }

  /** Reads the variable; problems are noted in the reader. */
  public static ProxySettings read(EnvReader env) {
    Optional<String> authority =
        env.optional(
            "LIBERCLAW_PROXY_ACME_URL",
            "ACME directory for hosts' certificates (default: Let's Encrypt, ZeroSSL)");
    if (authority.isEmpty()) {
      return new ProxySettings(new Certificates.Public());
    }
    if (!URL.matcher(authority.get()).matches()) {
      env.problem("LIBERCLAW_PROXY_ACME_URL", "must be an https:// URL");
      return new ProxySettings(new Certificates.Public());
    }
    return new ProxySettings(new Certificates.Acme(URI.create(authority.get())));
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
