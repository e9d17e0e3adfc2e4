package ai.liberclaw.agent.tool.shell;

import java.util.List;

/**
 * The agent's own process, which its tools shall not stop.
 *
 * @param commandLine as a process list shows it
 * @param services names its unit may have
 */
public record OwnProcess(long pid, String commandLine, List<String> services) {
  public OwnProcess {
    services = List.copyOf(services);
  }

  public static OwnProcess current() {
    ProcessHandle self = ProcessHandle.current();
    return new OwnProcess(
        self.pid(),
        self.info().commandLine().orElse("java"),
        List.of("baal-agent", "liberclaw-agent", "liberclaw"));
  }
}
