package ai.liberclaw.agent.tool.shell;

import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.Sandbox.Lifetime;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/** Starts programs inside the sandbox, each in a process group that is on record. */
final class Children implements AutoCloseable {
  /** In the environment of every child, with a value that tells whose it is. */
  static final String MARK = "LIBERCLAW_TOOL_CALL";

  private final Sandbox sandbox;
  private final Libc libc;
  private final ProcessGroups groups;
  private final Launcher launcher = new Launcher();

  Children(Sandbox sandbox, Path data) {
    this.sandbox = sandbox;
    this.libc = new Libc();
    this.groups =
        new ProcessGroups(
            data.resolve("tool-groups"), libc, sandbox.user(), sandbox.ownProcesses());
    groups.endAll();
  }

  Sandbox sandbox() {
    return sandbox;
  }

  Libc libc() {
    return libc;
  }

  ProcessGroups groups() {
    return groups;
  }

  /**
   * Starts a program in the workspace; its id is that of its group.
   *
   * @param mark for the environment
   * @param shared folders of exchange that it uses
   */
  Process start(
      List<String> command, String mark, List<Path> shared, Redirect in, Redirect out, Redirect err)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(sandbox.wrap(command, shared, Lifetime.OF_STARTER))
            .directory(sandbox.directory().toFile())
            .redirectInput(in)
            .redirectOutput(out)
            .redirectError(err);
    builder.environment().clear();
    builder.environment().putAll(sandbox.environment());
    builder.environment().put(MARK, mark);
    Process process = launcher.start(builder);
    try {
      groups.record(process.pid(), mark);
    } catch (IOException e) {
      end(process);
      throw e;
    }
    return process;
  }

  /** Ends a child and its group for certain. */
  void end(Process process) {
    groups.end(process.pid());
    // Before its session has begun, the child is no group yet; it must not become one later.
    process.destroyForcibly();
    process.onExit().join();
    groups.end(process.pid());
  }

  @Override
  public void close() {
    launcher.close();
    groups.endAll();
  }
}
