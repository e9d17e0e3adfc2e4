package ai.liberclaw.deploy.host.proxy;

import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.host.HostShell.Input;
import ai.liberclaw.deploy.host.HostShell.Result;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Makes agents answer under public names on the hosts they live on, and takes that back. The host
 * needs systemd and a login that is root.
 */
public final class HostProxy {
  private static final Logger LOG = System.getLogger(HostProxy.class.getName());
  private static final Duration SCRIPT_TIME_MAX = Duration.ofSeconds(60);
  private static final Duration UPLOAD_TIME_MAX = Duration.ofMinutes(3);
  private static final int NO_SYSTEMD = 91;
  private static final int ERROR_CHARACTERS_MAX = 500;

  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

  private final ProxyArtifact artifact;
  private final ProxySettings settings;
  private final String common = text("common.sh");

  /** One of these settings, if they have a program. */
  public static Optional<HostProxy> of(ProxySettings settings) {
    return settings.artifact().map(artifact -> new HostProxy(artifact, settings));
  }

  private HostProxy(ProxyArtifact artifact, ProxySettings settings) {
    this.artifact = artifact;
    this.settings = settings;
  }

  /**
   * Makes the agent answer at {@code https://<name>/}; again is no harm. The certificate may take a
   * moment longer.
   *
   * @param id of the agent or its instance; what was put under a name of the same id is replaced
   * @param name that leads to the host; lower case
   * @param port of the agent, on the host's loopback address
   * @throws ProviderException when it could not be done
   */
  public void serve(HostShell shell, UUID id, String name, int port) throws InterruptedException {
    put(shell, id, name, site(name, port));
  }

  /**
   * Makes the host answer at {@code https://<name>/} with 404 until somebody is {@link #serve
   * served} there, so that the certificate is there by then.
   */
  public void reserve(HostShell shell, UUID id, String name) throws InterruptedException {
    put(shell, id, name, text("reserved").replace("@NAME@", name));
  }

  private void put(HostShell shell, UUID id, String name, String site) throws InterruptedException {
    if (!NAME.matcher(name).matches()) {
      throw new ProviderException("proxy_name", "The public name is no host name.", false, null);
    }
    if (shell.rootless()) {
      throw new ProviderException(
          "proxy_rootless", "Public names want a login that is root.", false, null);
    }
    if (!run(shell, text("here.sh"), Input.NONE, SCRIPT_TIME_MAX).strip().equals("here")) {
      run(shell, text("install.sh"), out -> Files.copy(artifact.file(), out), UPLOAD_TIME_MAX);
    }
    String main = text("Caddyfile").replace("@OPTIONS@\n", settings.options());
    run(
        shell,
        "AGENT='" + id + "'\n" + text("serve.sh"),
        lengthAnd(
            main,
            text("unit")
                .replace("@PROGRAM@", "/opt/liberclaw/proxy/" + artifact.sha256() + "/caddy"),
            site),
        SCRIPT_TIME_MAX);
  }

  /** Takes the name back that was given under this id; nothing there is success. */
  public void remove(HostShell shell, UUID id) throws InterruptedException {
    if (!shell.rootless()) {
      run(shell, "AGENT='" + id + "'\n" + text("remove.sh"), Input.NONE, SCRIPT_TIME_MAX);
    }
  }

  /** What Caddy is told of one agent. */
  static String site(String name, int port) {
    return text("site")
        .replace("@NAME@", name)
        .replace("@PORT@", String.format(Locale.ROOT, "%d", port));
  }

  private String run(HostShell shell, String script, Input input, Duration limit)
      throws InterruptedException {
    String whole = "SHA256='" + artifact.sha256() + "'\n" + common + script;
    Result result = shell.run(whole, input, limit);
    if (result.exit() == NO_SYSTEMD) {
      throw new ProviderException(
          "proxy_systemd", "Public names want a machine with systemd.", false, null);
    }
    if (result.exit() != 0) {
      String error = result.err().strip();
      LOG.log(
          Level.WARNING,
          "proxy.failed exit={0} stderr={1}",
          result.exit(),
          error.substring(Math.max(0, error.length() - ERROR_CHARACTERS_MAX)));
      throw new ProviderException(
          "proxy_failed", "The public name could not be set up on the machine.", true, null);
    }
    return result.out();
  }

  /** Each preceded by a line that says how many bytes it has. */
  private static Input lengthAnd(String... files) {
    return out -> {
      for (String file : files) {
        byte[] bytes = file.getBytes(StandardCharsets.UTF_8);
        out.write((bytes.length + "\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
      }
    };
  }

  private static String text(String name) {
    try (InputStream in = HostProxy.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
