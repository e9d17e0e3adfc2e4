package ai.liberclaw.core.config;

import java.net.InetAddress;
import java.net.URI;

/** Addresses in the configuration that secrets are sent to, or whose answers are trusted. */
public final class SecureUrl {
  private SecureUrl() {}

  /** Reads one, without a slash at its end; anything but https or loopback is a problem. */
  public static URI read(EnvReader env, String name, String defaultValue, String meaning) {
    String text = env.text(name, defaultValue, meaning).strip();
    try {
      URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean plain =
          uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null;
      if (plain && ("https".equalsIgnoreCase(uri.getScheme()) || onLoopback(uri))) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // Told below, as any other that will not do.
    }
    env.problem(name, "must be an https address, or http on loopback");
    return URI.create(defaultValue);
  }

  /** Whether this is plain HTTP to the machine itself. */
  public static boolean onLoopback(URI uri) {
    if (!"http".equalsIgnoreCase(uri.getScheme())) {
      return false;
    }
    try {
      return uri.getHost().equals("localhost")
          || InetAddress.ofLiteral(uri.getHost()).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
