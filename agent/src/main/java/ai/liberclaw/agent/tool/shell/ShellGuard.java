package ai.liberclaw.agent.tool.shell;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Guard rails for shell text: keeps a model from the best-known accidents. They are a courtesy, not
 * a boundary: whoever wants to get past them, can.
 */
public final class ShellGuard {
  private final Path workspace;
  private final Path home;
  private final Map<String, String> environment;
  private final long pid;
  private final List<Rule> rules;

  /**
   * @param workspace where commands start
   * @param environment what commands find in their environment
   */
  public ShellGuard(Path workspace, Path home, Map<String, String> environment, OwnProcess self) {
    this.workspace = workspace;
    this.home = home;
    this.environment = Map.copyOf(environment);
    this.pid = self.pid();
    this.rules =
        List.of(
            new DeletionRule(),
            new DeviceRule(),
            new PowerRule(),
            new OwnServiceRule(self),
            new EnvironmentRule(),
            new SecretFileRule());
  }

  /** Why this script is refused in a new shell, in words for a person; empty when it may run. */
  public Optional<String> refuse(String script) {
    return refuse(script, workspace, new ShellMemory());
  }

  /**
   * The same for a shell that has run others.
   *
   * @param directory where it starts
   */
  public Optional<String> refuse(String script, Path directory, ShellMemory memory) {
    return check(directory, memory).refuse(script);
  }

  /** Remembers what this script, which is about to run, may set. */
  public void remember(String script, Path directory, ShellMemory memory) {
    ScriptCheck check = check(directory, memory);
    Optional<String> _ = check.refuse(script);
    check.rememberIn(memory);
  }

  private ScriptCheck check(Path directory, ShellMemory memory) {
    return new ScriptCheck(rules, directory, home, environment, memory, pid);
  }
}
