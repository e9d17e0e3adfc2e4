package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.host.HostShell.Input;
import ai.liberclaw.deploy.host.HostShell.Result;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/** Runs the scripts of this package, and says what their failures mean. */
final class HostScripts {
  private static final Logger LOG = System.getLogger(HostScripts.class.getName());
  private static final int REFUSED = 90;
  private static final String REASON = "liberclaw:";

  /** No value of a script's variable needs quoting, whatever shell reads it. */
  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9 ._/-]*");

  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry("busy", "Another deployment step of this agent is still ending."),
          Map.entry("disk_full", "The machine has too little free disk space."),
          Map.entry("archive_damaged", "The agent's release arrived damaged on the machine."),
          Map.entry("release_missing", "The agent's release is not on the machine."),
          Map.entry("no_port", "No port is free on the machine."),
          Map.entry("not_provisioned", "The agent has no place on the machine."),
          Map.entry("not_configured", "The agent was never configured."),
          Map.entry("not_started", "The agent could not be started on the machine."),
          Map.entry("place_taken", "An earlier instance of the agent is still on the machine."),
          Map.entry(
              "foreign_directory",
              "The agent's directory belongs to another installation; it was left as it is."));

  private final HostShell shell;
  private final String common = text("common");

  HostScripts(HostShell shell) {
    this.shell = shell;
  }

  /**
   * Runs one script to its end.
   *
   * @param variables set before it; plain words
   * @return what it printed
   * @throws ProviderException when it refused or failed
   */
  String run(String name, Map<String, String> variables, Input input, Duration limit)
      throws InterruptedException {
    StringBuilder script = new StringBuilder();
    variables.forEach((variable, value) -> {
      if (!VALUE.matcher(value).matches()) {
        throw new IllegalArgumentException(variable + " is no plain text");
      }
      script.append(variable).append("='").append(value).append("'\n");
    });
    script.append("ROOTLESS=").append(shell.rootless() ? 1 : 0).append('\n');
    script.append(common).append(text(name));
    Result result = shell.run(script.toString(), input, limit);
    if (result.exit() != 0) {
      throw failure(name, result);
    }
    return result.out();
  }

  private static ProviderException failure(String name, Result result) {
    String reason = "";
    for (String line : result.err().split("\n", -1)) {
      if (line.startsWith(REASON)) {
        reason = line.substring(REASON.length()).strip();
      }
    }
    String message = REASONS.get(reason);
    LOG.log(
        Level.WARNING,
        "host.script_failed script=%s exit=%d reason=%s stderr=%s"
            .formatted(
                name,
                result.exit(),
                reason,
                result.err().substring(0, Math.min(500, result.err().length())).strip()));
    if (result.exit() == REFUSED && message != null) {
      boolean retryable = !reason.equals("foreign_directory") && !reason.equals("not_configured");
      return new ProviderException(reason, message, retryable, null);
    }
    return new ProviderException(
        "host_failed", "The machine could not do a step of the deployment.", true, null);
  }

  private static String text(String name) {
    try (InputStream in = HostScripts.class.getResourceAsStream(name + ".sh")) {
      if (in == null) {
        throw new IllegalStateException("no script " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8) + "\n";
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
