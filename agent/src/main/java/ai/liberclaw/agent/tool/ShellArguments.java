package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.tool.shell.Commands;
import java.util.Optional;

/** What no script for a shell may be. */
final class ShellArguments {
  private ShellArguments() {}

  static Optional<ToolResult> unfit(String script) {
    if (script.indexOf('\0') >= 0) {
      return Optional.of(ToolResult.error("the command holds a NUL character"));
    }
    int bytes = Commands.argumentBytes(script);
    if (bytes > Commands.ARGUMENT_BYTES_MAX) {
      return Optional.of(
          ToolResult.error(
              "command too long ("
                  + bytes
                  + " bytes, max "
                  + Commands.ARGUMENT_BYTES_MAX
                  + "); put the script or its data into a file with write_file"));
    }
    return Optional.empty();
  }
}
