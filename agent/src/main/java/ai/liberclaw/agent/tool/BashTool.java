package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.shell.CommandOutcome;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** {@code bash}: runs a command in the workspace. */
public final class BashTool implements Tool {
  static final int TIMEOUT_SECONDS_DEFAULT = 60;
  static final int TIMEOUT_SECONDS_MAX = 300;
  private static final String NAME = "bash";

  private final Commands commands;
  private final ShellGuard guard;
  private final Results results;

  public BashTool(Commands commands, ShellGuard guard, Results results) {
    this.commands = commands;
    this.guard = guard;
    this.results = results;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Run a bash command in the workspace folder and get its output and exit code. Each"
                + " call starts a fresh shell without input. Start long-lived programs in the"
                + " background with their output sent to a file.")
        .required("command", "string", "The command or script to run")
        .integer(
            "timeout",
            1,
            TIMEOUT_SECONDS_MAX,
            TIMEOUT_SECONDS_DEFAULT,
            "Seconds after which the command is stopped")
        .definition();
  }

  @Override
  public boolean shell() {
    return true;
  }

  @Override
  public Optional<String> guardReason(ObjectNode arguments, ToolContext context) {
    return guard.refuse(arguments.path("command").asText());
  }

  @Override
  public boolean boundsResult() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String command = arguments.path("command").asText();
    int timeout = arguments.path("timeout").asInt(TIMEOUT_SECONDS_DEFAULT);
    if (command.indexOf('\0') >= 0) {
      return ToolResult.error("the command holds a NUL character");
    }
    int bytes = Commands.argumentBytes(command);
    if (bytes > Commands.ARGUMENT_BYTES_MAX) {
      return ToolResult.error(
          "command too long ("
              + bytes
              + " bytes, max "
              + Commands.ARGUMENT_BYTES_MAX
              + "); put the script or its data into a file with write_file");
    }
    try (CommandOutcome outcome = commands.run(command, Duration.ofSeconds(timeout));
        BoundedText text = results.open(NAME)) {
      append(text, outcome.output());
      try (InputStream error = outcome.error()) {
        append(text, "[stderr]\n", error);
      }
      text.newLine();
      Optional<Integer> exit = outcome.exitCode();
      text.append(
          exit.map(code -> "[exit code: " + code + "]")
              .orElse("[timed out after " + timeout + "s]"));
      if (!outcome.strays().isEmpty()) {
        text.append("\n[still running in sessions of their own: processes ")
            .append(outcome.strays().toString())
            .append("]");
      }
      return ToolResult.of(text.finish(), exit.isEmpty());
    } catch (IOException e) {
      return ToolResult.error(results.mask(String.valueOf(e.getMessage())));
    }
  }

  private static void append(BoundedText text, InputStream output) throws IOException {
    append(text, "", output);
  }

  private static void append(BoundedText text, String title, InputStream bytes) throws IOException {
    char[] buffer = new char[16 * 1024];
    boolean first = true;
    try (Reader reader = new InputStreamReader(bytes, StandardCharsets.UTF_8)) {
      int count;
      while ((count = reader.read(buffer)) > 0) {
        if (first) {
          text.newLine().append(title);
          first = false;
        }
        text.append(java.nio.CharBuffer.wrap(buffer, 0, count));
      }
    }
  }
}
