package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.code.CallHandler;
import ai.liberclaw.agent.tool.code.Scripts;
import ai.liberclaw.agent.tool.shell.CommandOutcome;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code execute_code}: a Python script that can call the other tools. */
public final class ExecuteCodeTool implements Tool {
  public static final String NAME = "execute_code";
  static final int TIMEOUT_SECONDS_DEFAULT = 120;
  static final int TIMEOUT_SECONDS_MAX = 300;

  /** Calls that one script may make. */
  static final int CALLS_MAX = 1_000;

  /** What a script cannot have: more turns, more scripts, and what speaks to the user. */
  private static final Set<String> EXCLUDED = Set.of("spawn", NAME, "send_file");

  private final Scripts scripts;
  private final Results results;

  public ExecuteCodeTool(Scripts scripts, Results results) {
    this.scripts = scripts;
    this.results = results;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Run a Python 3 script in the workspace and get what it prints. In it,"
                + " call_tool(name, **arguments) calls one of your other tools and returns its"
                + " result as a string; a result that is an error raises ToolError. Use it to make"
                + " many calls, or to look through large results, without reading everything"
                + " yourself. spawn, send_file and execute_code cannot be called from it. Scripts"
                + " get no input and share nothing but files.")
        .required("code", "string", "The script")
        .integer(
            "timeout",
            1,
            TIMEOUT_SECONDS_MAX,
            TIMEOUT_SECONDS_DEFAULT,
            "Seconds after which the script is stopped")
        .definition();
  }

  @Override
  public boolean shell() {
    return true;
  }

  @Override
  public Optional<String> unavailable() {
    return scripts.unavailable();
  }

  @Override
  public boolean boundsResult() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    Optional<String> missing = unavailable();
    if (missing.isPresent()) {
      return ToolResult.error("tool '" + NAME + "' unavailable: " + missing.get());
    }
    int timeout = arguments.path("timeout").asInt(TIMEOUT_SECONDS_DEFAULT);
    try (CommandOutcome outcome =
            scripts.run(
                arguments.path("code").asText(), Duration.ofSeconds(timeout), calls(context));
        BoundedText text = results.open(NAME)) {
      OutputText.append(text, "", outcome::output);
      OutputText.append(text, "[stderr]\n", outcome::error);
      Optional<Integer> exit = outcome.exitCode();
      if (exit.isEmpty()) {
        text.newLine().append("[timed out after " + timeout + "s]");
      } else if (exit.get() != 0) {
        text.newLine().append("[exit code: " + exit.get() + "]");
      }
      String content = text.finish();
      return ToolResult.of(content.isEmpty() ? "(no output)" : content, exit.isEmpty());
    } catch (IOException e) {
      return ToolResult.error(results.mask(String.valueOf(e.getMessage())));
    }
  }

  private static CallHandler calls(ToolContext context) {
    AtomicInteger made = new AtomicInteger();
    return (tool, arguments) -> {
      if (EXCLUDED.contains(tool)) {
        return new CallHandler.Reply("tool '" + tool + "' cannot be called from a script", true);
      }
      int number = made.incrementAndGet();
      if (number > CALLS_MAX) {
        return new CallHandler.Reply("a script may make " + CALLS_MAX + " calls at most", true);
      }
      ToolResult result =
          context
              .calls()
              .call(
                  new ToolCall(
                      context.callId() + "." + number, tool, Json.write(arguments), false));
      return new CallHandler.Reply(result.content(), result.isError());
    };
  }
}
