package ai.liberclaw.api.doctor;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.api.command.CommandException;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.json.Json;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** {@code doctor}: looks over this installation. Changes nothing. */
public final class DoctorCommand implements Command {
  private static final Duration CHECK_TIME_MAX = Duration.ofSeconds(30);

  private final Function<Map<String, String>, Examined> examined;

  /** The checks of a configuration, and what was opened for them. */
  public record Examined(List<Check> checks, Runnable ending) implements AutoCloseable {
    @Override
    public void close() {
      ending.run();
    }
  }

  /**
   * @param examined reads the configuration; throws {@link ConfigException} where it cannot be used
   */
  public DoctorCommand(Function<Map<String, String>, Examined> examined) {
    this.examined = examined;
  }

  @Override
  public String name() {
    return "doctor";
  }

  @Override
  public String summary() {
    return "[--json]: looks over this installation and explains what is wrong";
  }

  @Override
  public int run(List<String> arguments, Map<String, String> environment, PrintStream out)
      throws InterruptedException {
    boolean json = arguments.equals(List.of("--json"));
    if (!json && !arguments.isEmpty()) {
      throw new CommandException("doctor takes --json or nothing");
    }
    Doctor.Report report = report(environment);
    out.print(json ? Json.writePretty(report.json()) + "\n" : report.text());
    return report.sound() ? DONE : FAILED;
  }

  private Doctor.Report report(Map<String, String> environment) throws InterruptedException {
    try (Examined all = examined.apply(environment)) {
      return new Doctor(CHECK_TIME_MAX).run(all.checks());
    } catch (ConfigException e) {
      Map<String, List<Finding>> findings = new LinkedHashMap<>();
      findings.put(
          "configuration",
          e.problems().stream()
              .map(problem ->
                  Finding.fail(
                      problem,
                      "Set it in the environment or the .env file; --help tells what it means."))
              .toList());
      findings.put("others", List.of(Finding.skip("after the configuration can be used")));
      return new Doctor.Report(findings);
    }
  }
}
