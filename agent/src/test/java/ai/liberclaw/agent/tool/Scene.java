package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.checkpoint.Checkpoints;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import ai.liberclaw.agent.sandbox.WorkspaceHandover;
import ai.liberclaw.agent.todo.TodoList;
import ai.liberclaw.agent.tool.shell.ChildEnvironment;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.OwnProcess;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.web.SearchSettings;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Mask;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A workspace with every tool, wired as in the server. */
final class Scene implements AutoCloseable {
  static final String SECRET = "sk-0123456789-very-secret";

  final Path data;
  final Workspace workspace;
  final Sandbox sandbox;
  final Commands commands;
  final ShellGuard guard;
  final Results results;
  final Toolbox tools;

  Scene(Path folder) throws IOException {
    this(folder, TestSandboxes::weak);
  }

  Scene(Path folder, Function<Place, Sandbox> kind) throws IOException {
    this(folder, kind, SearchSettings.NONE, List.of());
  }

  Scene(Path folder, SearchSettings search, List<String> allowedHosts) throws IOException {
    this(folder, TestSandboxes::weak, search, allowedHosts);
  }

  private Scene(
      Path folder, Function<Place, Sandbox> kind, SearchSettings search, List<String> allowedHosts)
      throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    Path database = Files.writeString(data.resolve("agent.db"), "rows");
    Path settings = folder.resolve("workspace/settings.conf");
    Files.createDirectories(folder.resolve("workspace"));
    Files.writeString(settings, "key");
    Map<String, String> server = new HashMap<>(System.getenv());
    server.put("AGENT_SECRET", SECRET);
    server.put("AGENT_TOOL_ENV_COLOUR", "blue");
    Path root = folder.resolve("workspace").toRealPath();
    List<Path> own = List.of(database, settings);
    sandbox = kind.apply(new Place(root, data, own, ChildEnvironment.of(server, root, data)));
    workspace = new Workspace(root, own, sandbox.handover());
    new WorkspaceHandover(sandbox).all();
    commands = new Commands(sandbox, data);
    Mask mask = new Mask();
    mask.register(SECRET);
    GuardedClient client = new GuardedClient(new AddressPolicy(allowedHosts));
    guard =
        new ShellGuard(
            workspace.root(), Path.of("/home/ada"), sandbox.environment(), OwnProcess.current());
    results = new Results(workspace, mask);
    tools =
        StandardTools.of(
            workspace,
            commands,
            guard,
            client,
            search.services(allowedHosts),
            mask,
            new FileServices(
                new Checkpoints(workspace, data.resolve("checkpoints"), Clock.systemUTC()),
                new TodoList(workspace, Clock.systemUTC()),
                sandbox.environment(),
                sandbox::child));
  }

  Path file(String name, String content) throws IOException {
    Path path = workspace.root().resolve(name);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, content);
  }

  ToolResult callRaw(String tool, String arguments) throws InterruptedException {
    return tools.call(new ToolCall("c1", tool, arguments, false), context());
  }

  ToolResult call(String tool, Map<String, Object> arguments) throws InterruptedException {
    ObjectNode json = Json.object();
    arguments.forEach((name, value) -> {
      if (value instanceof Integer number) {
        json.put(name, number);
      } else {
        json.put(name, value.toString());
      }
    });
    return callRaw(tool, Json.write(json));
  }

  /** A result's text, in a turn of this name. */
  String say(String turn, String tool, ObjectNode arguments) throws InterruptedException {
    return tools
        .call(
            new ToolCall("c1", tool, Json.write(arguments), false),
            new ToolContext("chat", turn, "c1", true))
        .content();
  }

  String say(String tool, ObjectNode arguments) throws InterruptedException {
    return say("turn", tool, arguments);
  }

  String bash(String command) throws InterruptedException {
    return call("bash", Map.of("command", command)).content();
  }

  static ToolContext context() {
    return new ToolContext("chat", "turn", "c1", true);
  }

  @Override
  public void close() {
    commands.close();
  }
}
