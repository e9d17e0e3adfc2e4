package ai.liberclaw.agent;

import ai.liberclaw.agent.chat.ChatOutlet;
import ai.liberclaw.agent.context.ContextLimits;
import ai.liberclaw.agent.checkpoint.Checkpoints;
import ai.liberclaw.agent.context.ContextWindow;
import ai.liberclaw.agent.context.NewestImages;
import ai.liberclaw.agent.context.Persona;
import ai.liberclaw.agent.context.Purpose;
import ai.liberclaw.agent.context.WorkspaceTemplate;
import ai.liberclaw.agent.heartbeat.BeatTurns;
import ai.liberclaw.agent.heartbeat.Heartbeat;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.EventStore;
import ai.liberclaw.agent.journal.JournalStore;
import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.journal.VisionStore;
import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.Models;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.Painter;
import ai.liberclaw.agent.model.ReplyListener;
import ai.liberclaw.agent.model.Vision;
import ai.liberclaw.agent.pending.PendingStore;
import ai.liberclaw.agent.subagent.SubagentRun;
import ai.liberclaw.agent.subagent.SubagentStore;
import ai.liberclaw.agent.subagent.Subagents;
import ai.liberclaw.agent.tool.GenerateImageTool;
import ai.liberclaw.agent.todo.TodoList;
import ai.liberclaw.agent.tool.FileServices;
import ai.liberclaw.agent.tool.SpawnTool;
import ai.liberclaw.agent.tool.StandardTools;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.tool.VisionQueryTool;
import ai.liberclaw.agent.tool.shell.ChildEnvironment;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.OwnProcess;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.turn.TurnSetup;
import ai.liberclaw.agent.turn.TurnSetups;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One agent: its file, its workspace, its model, its turns. It shares nothing with another one in
 * the same process.
 */
final class Agent implements AutoCloseable {
  /** How long a picture may take that is made for the model. */
  private static final Duration PAINTING_MAX = Duration.ofSeconds(60);

  private final AgentConfig config;
  private final Parts parts;
  private final Mask mask = new Mask();
  private final MessageStore messages;
  private final PendingStore pending;
  private final EventLog log;
  private final Workspace workspace;
  private final Models models;
  private final Checkpoints checkpoints;
  private final TodoList todos;
  private final Model model;
  private final TurnEngine engine;
  private final Subagents subagents;
  private final Heartbeat heartbeat;
  private final Recall recall;

  /**
   * Opens the file and the workspace; nothing runs yet.
   *
   * @throws IOException when the workspace cannot be used
   */
  static Agent open(AgentConfig config) throws IOException {
    Parts parts = new Parts();
    try {
      return new Agent(config, parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private Agent(AgentConfig config, Parts parts) throws IOException {
    this.config = config;
    this.parts = parts;
    config.secrets().forEach(mask::register);
    AgentDatabase database = parts.add(AgentDatabase.open(config.dbPath()));
    CommitQueue commits = parts.add(new CommitQueue(database));
    EventStore events = new EventStore(database.dsl(), commits, mask::mask);
    messages = new MessageStore(database.dsl(), commits, mask::mask);
    pending = new PendingStore(database.dsl(), commits);
    log = new EventLog(events);
    commits.start(log::appended);
    workspace = workspace(config);
    checkpoints =
        new Checkpoints(workspace, dataFolder().resolve("checkpoints"), Clock.systemUTC());
    todos = new TodoList(workspace, Clock.systemUTC());
    models =
        Models.create(config.model(), new VisionStore(database.dsl(), commits, events, mask::mask));
    model = models.model();
    recall =
        new Recall(
            config.recall(),
            database.dsl(),
            commits,
            mask,
            this::summarise,
            workspace,
            dataFolder());

    TurnSetups setups = new TurnSetups();
    engine =
        new TurnEngine(
            new JournalStore(database.dsl(), commits, messages, events, mask::mask),
            log,
            model,
            setups,
            config.turns().concurrency());
    String owner = config.proactive().ownerChatId().orElse("");
    subagents =
        new Subagents(new SubagentStore(database.dsl(), commits), this::submit, owner, mask::mask);
    heartbeat =
        parts.add(
            new Heartbeat(
                workspace.root(), config.proactive().heartbeat(), owner, new Beats(), mask::mask));
    registerKinds(setups);
    parts.add(recall.janitor());
  }

  /** Goes on with what a former process left, and begins to beat. */
  void start() {
    engine.start();
    subagents.start();
    heartbeat.start();
    recall.janitor().start();
  }

  TurnEngine engine() {
    return engine;
  }

  EventLog log() {
    return log;
  }

  MessageStore messages() {
    return messages;
  }

  PendingStore pending() {
    return pending;
  }

  Recall recall() {
    return recall;
  }

  Workspace workspace() {
    return workspace;
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  String modelName() {
    return model.name();
  }

  /** What becomes of pictures here. */
  Vision vision() {
    return models.vision();
  }

  /**
   * Ends the turns: new ones are refused, running ones get a while, the rest is left to the next
   * start. Readers are then told to come back.
   */
  void endTurns(Duration grace) {
    heartbeat.close();
    engine.close(grace);
    log.close();
  }

  /** Ends the tools and closes the file. */
  @Override
  public void close() {
    parts.close();
  }

  private void registerKinds(TurnSetups setups) {
    ContextWindow context =
        new ContextWindow(
            persona(),
            limits(),
            new NewestImages(messages, config.model().vision().imagesMax(), vision()::isDirect),
            this::summarise,
            recall.context(todos::activeText),
            Clock.systemUTC());
    Toolbox tools = tools();
    Toolbox allTools = tools.with(new SpawnTool(subagents));
    TurnOutlet people = recall.noted(new ChatOutlet(mask::mask));
    TurnOutlet helpers = recall.noted(subagents);
    TurnOutlet beats = recall.noted(heartbeat);
    setups.register(
        TurnSetups.PEOPLE,
        turn ->
            new TurnSetup(
                recall.offered(allTools, turn.chatId()),
                context.begin(turn.chatId(), Purpose.CHAT),
                config.turns().stepsMax(),
                config.turns().timeMax(),
                true,
                false,
                people));
    setups.register(
        SubagentRun.CHAT_PREFIX,
        turn ->
            new TurnSetup(
                recall.offered(tools, turn.chatId()),
                context.begin(turn.chatId(), Purpose.SUBAGENT),
                Subagents.STEPS_MAX,
                Subagents.TIME_MAX,
                false,
                true,
                helpers));
    setups.register(
        Heartbeat.CHAT_ID,
        turn ->
            new TurnSetup(
                allTools,
                context.begin(turn.chatId(), Purpose.HEARTBEAT),
                config.turns().stepsMax(),
                config.turns().timeMax(),
                true,
                true,
                beats));
  }

  /** What the model's provider says of its context is truer than what was guessed from its name. */
  private ContextLimits limits() {
    OptionalInt told = model.windowTokens();
    return told.isPresent() ? config.context().withWindow(told.getAsInt()) : config.context();
  }

  private Toolbox tools() {
    Path data = dataFolder();
    Map<String, String> environment =
        ChildEnvironment.of(config.environment(), workspace.root(), data);
    Commands commands = parts.add(new Commands(workspace.root(), data, environment));
    Path home = Path.of(environment.getOrDefault("HOME", workspace.root().toString()));
    GuardedClient client = new GuardedClient(new AddressPolicy(config.netAllowHosts()));
    Toolbox standard =
        StandardTools.of(
            workspace,
            commands,
            new ShellGuard(workspace.root(), home, environment, OwnProcess.current()),
            client,
            config.recall().search().services(client),
            mask,
            new FileServices(checkpoints, todos, environment, commands::child));
    return recall.with(withPictures(standard));
  }

  private Reply summarise(ModelRequest request) throws ModelException, InterruptedException {
    return model.reply(request, ReplyListener.silent());
  }

  /** The tools for pictures, where there is somebody to make or to look at them. */
  private Toolbox withPictures(Toolbox tools) {
    Toolbox all = tools;
    for (Tool tool :
        List.of(
            new GenerateImageTool(new Painter(config.model(), PAINTING_MAX), workspace),
            new VisionQueryTool(vision()))) {
      all = tool.unavailable().isPresent() ? all : all.with(tool);
    }
    return all;
  }

  /** The agent's own folder, which its tools have nothing to do with. */
  private Path dataFolder() {
    return config.dbPath().toAbsolutePath().resolveSibling("");
  }

  private static Workspace workspace(AgentConfig config) throws IOException {
    List<Path> own = new ArrayList<>(List.of(config.dbPath(), Path.of(".env")));
    config.configFile().ifPresent(own::add);
    Workspace workspace = new Workspace(config.workspace(), own);
    WorkspaceTemplate.copyTo(workspace.root());
    return workspace;
  }

  private Persona persona() {
    return new Persona(
        config.name(),
        config.systemPrompt(),
        workspace.root(),
        config.surroundings(),
        config.fqdn(),
        Optional.of(config.proactive().heartbeat()).filter(Duration::isPositive));
  }

  private void submit(NewTurn turn) {
    TurnEngine.Submitted ignored = engine.submit(turn);
  }

  private final class Beats implements BeatTurns {
    @Override
    public boolean isActive(String chatId) {
      return engine.active(chatId).isPresent();
    }

    @Override
    public void submit(NewTurn turn) {
      Agent.this.submit(turn);
    }
  }
}
