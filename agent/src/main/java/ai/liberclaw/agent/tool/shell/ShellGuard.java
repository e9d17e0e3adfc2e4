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

  /** Why this script is refused, in words for a person; empty when it may run. */
  public Optional<String> refuse(String script) {
    return new ScriptCheck(rules, workspace, home, environment, pid).refuse(script);
  }
}
