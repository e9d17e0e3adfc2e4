package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.process.ProcessRecord;
import ai.liberclaw.agent.tool.process.ProcessState;
import ai.liberclaw.agent.tool.process.Processes;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code process}: programs that run on between calls. */
public final class ProcessTool implements Tool {
  public static final String NAME = "process";
  private static final int SHOWN_COMMAND_LENGTH = 120;

  private final Processes processes;
  private final ShellGuard guard;
  private final Clock clock;
  private final CappedFolder logs;

  public ProcessTool(Processes processes, ShellGuard guard, Workspace workspace, Clock clock) {
    this.processes = processes;
    this.guard = guard;
    this.clock = clock;
    this.logs = new CappedFolder(workspace, "process-logs", "p-????????.log");
  }

  @Override
  public ToolDefinition definition() {
    ToolDefinition definition =
        ToolSchema.of(
                NAME,
                "Run programs in the background: servers, watchers, long builds. start runs a bash"
                    + " command in the workspace and returns its id at once; poll gives its state"
                    + " and the output since the last poll (the newest 10 KiB, all of it is in"
                    + " its log file); kill ends it and everything it started; list shows all."
                    + " Background programs end when the agent restarts and are then listed as"
                    + " lost.")
            .required("action", "string", "What to do")
            .optional("command", "string", "The command to run; for start")
            .optional("id", "string", "The process; for poll and kill")
            .definition();
    ObjectNode action = (ObjectNode) definition.parameters().path("properties").path("action");
    action.putArray("enum").add("start").add("list").add("poll").add("kill");
    return definition;
  }

  @Override
  public boolean shell() {
    return true;
  }

  @Override
  public Optional<String> guardReason(ObjectNode arguments, ToolContext context) {
    return arguments.path("action").asText().equals("start")
        ? guard.refuse(arguments.path("command").asText())
        : Optional.empty();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String action = arguments.path("action").asText();
    return switch (action) {
      case "start" -> start(arguments.path("command").asText(), context);
      case "list" -> ToolResult.text(list(processes.list()));
      case "poll" -> poll(arguments.path("id").asText());
      case "kill" -> kill(arguments.path("id").asText());
      default -> ToolResult.error("parameter 'action' must be one of start, list, poll, kill");
    };
  }

  private ToolResult start(String command, ToolContext context)
      throws IOException, InterruptedException {
    if (command.isBlank()) {
      return ToolResult.error("missing required 'command' parameter: start needs one");
    }
    Optional<ToolResult> unfit = ShellArguments.unfit(command);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    Optional<ProcessRecord> started = processes.start(context.chatId(), command);
    logs.prune();
    if (started.isEmpty()) {
      return ToolResult.error(
          Processes.RUNNING_MAX
              + " processes run already, which is the most; kill one first:\n"
              + list(processes.list()));
    }
    ProcessRecord process = started.get();
    return ToolResult.text(
            "Started process "
                + process.id()
                + process.log().map(log -> ", its output goes to " + log).orElse(""))
        .withMetadata(Json.object().put("process_id", process.id()));
  }

  private String list(List<ProcessRecord> all) {
    if (all.isEmpty()) {
      return "(no processes)";
    }
    StringBuilder text = new StringBuilder();
    for (ProcessRecord process : all) {
      text.append(text.isEmpty() ? "" : "\n").append(line(process));
    }
    return text.toString();
  }

  private String line(ProcessRecord process) {
    String command = process.command().strip().replaceAll("\\s+", " ");
    String shown =
        command.length() > SHOWN_COMMAND_LENGTH
            ? Cut.head(command, SHOWN_COMMAND_LENGTH) + "..."
            : command;
    return process.id() + "  " + state(process) + "  " + shown;
  }

  private String state(ProcessRecord process) {
    Duration ran = Duration.between(process.started(), process.ended().orElseGet(clock::instant));
    String how =
        switch (process.state()) {
          case RUNNING -> "running for ";
          case EXITED ->
              "exited with code " + process.exitCode().map(String::valueOf).orElse("?") + " after ";
          case KILLED -> "killed after ";
          case LOST -> "lost when the agent restarted, after ";
        };
    return how + Math.max(0, ran.toSeconds()) + " s";
  }

  private ToolResult poll(String id) {
    Optional<Processes.News> found = processes.poll(id);
    if (found.isEmpty()) {
      return unknown(id);
    }
    Processes.News news = found.get();
    StringBuilder text = new StringBuilder("[").append(state(news.process())).append("]\n");
    if (news.dropped() > 0) {
      text.append("[... ").append(news.dropped()).append(" bytes before this are not shown");
      news.process().log().ifPresent(log -> text.append("; see ").append(log));
      text.append(" ...]\n");
    }
    if (news.output().indexOf('\0') >= 0) {
      text.append("[binary output, not shown]");
    } else {
      text.append(news.output().isEmpty() ? "(no new output)" : news.output());
    }
    return ToolResult.text(text.toString());
  }

  private ToolResult kill(String id) {
    Optional<ProcessRecord> found = processes.kill(id);
    if (found.isEmpty()) {
      return unknown(id);
    }
    return ToolResult.text(
        found.get().state() == ProcessState.RUNNING
            ? "Killed process " + id
            : "Process " + id + " had ended already: " + state(found.get()));
  }

  private ToolResult unknown(String id) {
    return ToolResult.error(
        (id.isEmpty() ? "missing required 'id' parameter" : "no process '" + id + "'")
            + "; there are:\n"
            + list(processes.list()));
  }
}
