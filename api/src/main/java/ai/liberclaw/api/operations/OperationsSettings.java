package ai.liberclaw.api.operations;

import ai.liberclaw.core.config.EnvReader;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the server is watched, and what it serves beside its API.
 *
 * @param adminPort of a listener on loopback with metrics and readiness; 0 takes any free port
 * @param accessLog one line per request
 * @param openApi the API's description is served at {@code /openapi.json}
 * @param webDir a static web build that is served at {@code /}
 */
public record OperationsSettings(
    Optional<Integer> adminPort, boolean accessLog, boolean openApi, Optional<Path> webDir) {
  private static final String P = "LIBERCLAW_";
  private static final int PORT_MAX = 65_535;
  private static final String INDEX = "index.html";

  /** Reads them; problems are left in the reader. */
  public static OperationsSettings read(EnvReader env) {
    return new OperationsSettings(
        adminPort(env),
        env.flag(P + "ACCESS_LOG", true, "a log line per request, without queries or tokens"),
        env.flag(P + "OPENAPI", false, "serve the description of the API at /openapi.json"),
        webDir(env));
  }

  private static Optional<Integer> adminPort(EnvReader env) {
    String name = P + "ADMIN_PORT";
    Optional<String> text =
        env.optional(name, "loopback port for /metrics and /health/ready, 0 for any free one");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      int port = Integer.parseInt(text.get().strip());
      if (port >= 0 && port <= PORT_MAX) {
        return Optional.of(port);
      }
    } catch (NumberFormatException _) {
      // Told below, as one out of range is.
    }
    env.problem(name, "must be a port between 0 and " + PORT_MAX);
    return Optional.empty();
  }

  private static Optional<Path> webDir(EnvReader env) {
    String name = P + "WEB_DIR";
    Optional<String> text =
        env.optional(name, "static web build served at /; else web beside the jar, if there");
    if (text.isEmpty()) {
      return Optional.of(besideJar()).filter(OperationsSettings::isWebBuild);
    }
    try {
      Path directory = Path.of(text.get().strip());
      if (isWebBuild(directory)) {
        return Optional.of(directory);
      }
    } catch (InvalidPathException _) {
      // Told below, as any other that holds no web build.
    }
    env.problem(name, "must be a directory with an " + INDEX);
    return Optional.empty();
  }

  private static boolean isWebBuild(Path directory) {
    return Files.isRegularFile(directory.resolve(INDEX));
  }

  private static Path besideJar() {
    try {
      Path jar =
          Path.of(
              OperationsSettings.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return jar.resolveSibling("web");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
