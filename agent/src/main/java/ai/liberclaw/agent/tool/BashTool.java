package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.shell.CommandOutcome;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.tool.shell.ShellMemory;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** {@code bash}: runs commands in the chat's own shell, which starts in the workspace. */
public final class BashTool implements Tool {
  static final int TIMEOUT_SECONDS_DEFAULT = 60;
  static final int TIMEOUT_SECONDS_MAX = 300;
  private static final String NAME = "bash";

  /** Chats whose shells' variables are known; of others every variable counts as empty. */
  private static final int MEMORIES_MAX = 64;

  private static final String GONE = "its folder, variables and functions are gone";

  private final Commands commands;
  private final ShellGuard guard;
  private final Results results;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, ShellMemory> memories =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ShellMemory> eldest) {
          return size() > MEMORIES_MAX;
        }
      };

  public BashTool(Commands commands, ShellGuard guard, Results results) {
    this.commands = commands;
    this.guard = guard;
    this.results = results;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Run bash commands and get their output and exit code. The shell starts in the"
                + " workspace and is this conversation's own: its folder, variables and functions"
                + " stay from call to call, until a command ends it (exit) or runs out of time,"
                + " or it is idle for 30 minutes; the result then says so. Commands get no input. Start"
                + " long-lived programs with the process tool, or in the background with their"
                + " output sent to a file.")
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
  public Optional<String> unavailable() {
    return commands.hasShell() ? Optional.empty() : Optional.of("bash is not installed");
  }

  @Override
  public Optional<String> guardReason(ObjectNode arguments, ToolContext context) {
    String chat = context.chatId();
    return guard.refuse(arguments.path("command").asText(), commands.directory(chat), memory(chat));
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
    Optional<ToolResult> unfit = ShellArguments.unfit(command);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    String chat = context.chatId();
    guard.remember(command, commands.directory(chat), memory(chat));
    try (CommandOutcome outcome = commands.run(chat, command, Duration.ofSeconds(timeout));
        BoundedText text = results.open(NAME)) {
      if (outcome.shellLost()) {
        memory(chat).clear();
      }
      return result(outcome, text, timeout);
    } catch (IOException e) {
      return ToolResult.error(results.mask(String.valueOf(e.getMessage())));
    }
  }

  private static ToolResult result(CommandOutcome outcome, BoundedText text, int timeout)
      throws IOException {
    if (outcome.newShell()) {
      text.append("[this is a new shell; of the one before, " + GONE + "]\n");
    }
    OutputText.append(text, "", outcome::output);
    OutputText.append(text, "[stderr]\n", outcome::error);
    text.newLine();
    if (!outcome.strays().isEmpty()) {
      text.append("[still running in sessions of their own: processes ")
          .append(outcome.strays().toString())
          .append("]\n");
    }
    Optional<Integer> exit = outcome.exitCode();
    if (outcome.shellLost()) {
      text.append(
          (exit.isPresent() ? "[the shell ended too; " : "[the shell was stopped too; ")
              + GONE
              + "]\n");
    }
    text.append(
        exit.map(code -> "[exit code: " + code + "]").orElse("[timed out after " + timeout + "s]"));
    ObjectNode facts = Json.object();
    exit.ifPresentOrElse(code -> facts.put("exit_code", code), () -> facts.put("timed_out", true));
    return ToolResult.of(text.finish(), exit.isEmpty()).withMetadata(facts);
  }

  private ShellMemory memory(String chat) {
    lock.lock();
    try {
      return memories.computeIfAbsent(chat, _ -> new ShellMemory());
    } finally {
      lock.unlock();
    }
  }
}
