package ai.liberclaw.testkit.host;

import java.util.List;

/**
 * A process of a host.
 *
 * @param pid in the host's own numbers
 * @param user name of its effective user
 * @param arguments with its program first; empty for one that is a zombie
 * @param environment as {@code NAME=value}
 */
public record HostProcess(long pid, String user, List<String> arguments, List<String> environment) {
  public HostProcess {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
  }
}
