package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Programs that serve the agent over their standard input and output, each in a session and process
 * group of its own. Making one ends what a killed agent left behind; closing it ends everything it
 * started.
 */
public final class ChildServers implements AutoCloseable {
  private static final Duration TERM_GRACE = Duration.ofSeconds(5);
  private static final String MARK = "LIBERCLAW_CHILD_SERVER";

  private final Path directory;
  private final Map<String, String> environment;
  private final ProcessGroups groups;
  private final Duration termGrace;

  /**
   * @param directory where they start
   * @param data the agent's own folder, outside of the workspace
   * @param environment all that they find in theirs, beside what is added for one
   */
  public ChildServers(Path directory, Path data, Map<String, String> environment) {
    this(directory, data, environment, TERM_GRACE);
  }

  ChildServers(Path directory, Path data, Map<String, String> environment, Duration termGrace) {
    this.directory = directory;
    this.environment = Map.copyOf(environment);
    this.groups = new ProcessGroups(data.resolve("server-groups"), new Libc());
    this.termGrace = termGrace;
    groups.endAll();
  }

  /**
   * Starts one.
   *
   * @param command the program, looked up in the {@code PATH} of its environment, and its arguments
   * @param added to its environment, over what is there
   */
  public ChildServer start(List<String> command, Map<String, String> added) throws IOException {
    List<String> launcher = Commands.launcher(environment.getOrDefault("PATH", ""));
    if (launcher.isEmpty()) {
      throw new IOException("setsid is not installed on this machine");
    }
    List<String> line = new ArrayList<>(launcher);
    line.addAll(command);
    String mark = UUID.randomUUID().toString();
    ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().putAll(added);
    builder.environment().put(MARK, mark);
    ChildServer server = new ChildServer(builder.start(), groups, termGrace);
    try {
      groups.record(server.pid(), mark);
    } catch (IOException | RuntimeException e) {
      server.end();
      throw e;
    }
    return server;
  }

  @Override
  public void close() {
    groups.endAll();
  }
}
