package ai.liberclaw.agent.tool.shell;

import ai.liberclaw.agent.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Programs that serve the agent over their standard input and output, inside the sandbox, each in a
 * session and process group of its own. Making one ends what a killed agent left behind; closing it
 * ends everything it started.
 */
public final class ChildServers implements AutoCloseable {
  private static final Duration TERM_GRACE = Duration.ofSeconds(5);
  private static final String MARK = "LIBERCLAW_CHILD_SERVER";

  private final Sandbox sandbox;
  private final ProcessGroups groups;
  private final Duration termGrace;

  /**
   * @param data the agent's own folder, outside of the workspace
   */
  public ChildServers(Sandbox sandbox, Path data) {
    this(sandbox, data, TERM_GRACE);
  }

  ChildServers(Sandbox sandbox, Path data, Duration termGrace) {
    this.sandbox = sandbox;
    this.groups =
        new ProcessGroups(
            data.resolve("server-groups"), new Libc(), sandbox.user(), sandbox.ownProcesses());
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
    String mark = UUID.randomUUID().toString();
    ProcessBuilder builder = sandbox.child(command);
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
