package ai.liberclaw.deploy.host.proxy;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.deploy.release.Beside;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The proxy's program on this server, gzipped: {@code make proxy-artifact}. It wants a libc of 2.34
 * or newer and libzstd, which Debian 12, Ubuntu 22.04 and later have.
 *
 * @param sha256 of the program itself, unpacked
 */
public record ProxyArtifact(Path file, String sha256) {
  /** Caddy 2.6.2-5 of Debian 12, amd64: the program we tested. */
  public static final String PINNED_SHA256 =
      "d06aff766435fcaa50ffc62c7d6f2450e5171f25628222702e2e1d35ba0957c4";

  /** Its name, beside the server's jar in {@code proxy/}. */
  public static final String FILE = "caddy-linux-x86_64.gz";

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /**
   * Reads the variables; problems are noted in the reader. A file that was named must be there;
   * whether it is the pinned program is checked on the host, before it is used.
   *
   * @return empty when none was named and none is beside the jar: agents then have no public names
   */
  public static Optional<ProxyArtifact> read(EnvReader env) {
    Optional<Path> named =
        env.optional(
                "LIBERCLAW_PROXY_ARTIFACT",
                "Caddy for hosts with public names, gzipped (default: proxy/ beside the jar)")
            .map(Path::of);
    String sha256 =
        env.text(
            "LIBERCLAW_PROXY_SHA256",
            PINNED_SHA256,
            "SHA-256 of the unpacked Caddy; no other is installed");
    if (!SHA256.matcher(sha256).matches()) {
      env.problem("LIBERCLAW_PROXY_SHA256", "must be 64 lower-case hexadecimal digits");
      return Optional.empty();
    }
    Optional<Path> file =
        named.or(() -> Beside.find("proxy").map(f -> f.resolve(FILE)).filter(Files::isRegularFile));
    if (file.isEmpty()) {
      return Optional.empty();
    }
    if (!Files.isRegularFile(file.get())) {
      env.problem("LIBERCLAW_PROXY_ARTIFACT", "names no file");
      return Optional.empty();
    }
    return Optional.of(new ProxyArtifact(file.get(), sha256));
  }
}
