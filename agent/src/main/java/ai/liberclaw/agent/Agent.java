package ai.liberclaw.agent;

import ai.liberclaw.agent.chat.ChatOutlet;
import ai.liberclaw.agent.coding.CodingEvents;
import ai.liberclaw.agent.coding.CodingStore;
import ai.liberclaw.agent.coding.CodingTask;
import ai.liberclaw.agent.coding.CodingTasks;
import ai.liberclaw.agent.context.Brief;
import ai.liberclaw.agent.context.ContextWindow;
import ai.liberclaw.agent.context.Persona;
import ai.liberclaw.agent.context.Purpose;
import ai.liberclaw.agent.context.WorkspaceTemplate;
import ai.liberclaw.agent.health.AgentFacts;
import ai.liberclaw.agent.health.UsageFactsStore;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.EventStore;
import ai.liberclaw.agent.journal.JournalStore;
import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.journal.RetentionStore;
import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.Models;
import ai.liberclaw.agent.model.ReplyListener;
import ai.liberclaw.agent.pending.PendingStore;
import ai.liberclaw.agent.schedule.ScheduleStore;
import ai.liberclaw.agent.schedule.Scheduler;
import ai.liberclaw.agent.subagent.SubagentRun;
import ai.liberclaw.agent.subagent.SubagentStore;
import ai.liberclaw.agent.subagent.Subagents;
import ai.liberclaw.agent.tool.SpawnTool;
import ai.liberclaw.agent.tool.StandardTools;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.tool.WebSearchTool;
import ai.liberclaw.agent.tool.shell.ChildEnvironment;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.OwnProcess;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.turn.TurnSetup;
import ai.liberclaw.agent.turn.TurnSetups;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.sqlite.AgentDatabase;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One agent: its file, its workspace, its model, its turns. It shares nothing with another one in
 * the same process.
 */
final class Agent implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Agent.class.getName());

  private final AgentConfig config;
  private final Parts parts;
  private final Mask mask = new Mask();
  private final MessageStore messages;
  private final PendingStore pending;
  private final EventLog log;
  private final Workspace workspace;
  private final Model model;
  private final TurnEngine engine;
  private final Subagents subagents;
  private final SubagentStore subagentRuns;
  private final Scheduler scheduler;
  private final CodingTasks codingTasks;
  private final CodingEvents codingEvents;
  private final Toolbox tools;
  private final AgentFacts facts;

  /**
   * Opens the file and the workspace; nothing runs yet.
   *
   * @throws IOException when the workspace cannot be used
   */
  static Agent open(AgentConfig config) throws IOException {
    return open(config, Models.create(config.model()));
  }

  /** The same with this model. */
  static Agent open(AgentConfig config, Model model) throws IOException {
    Parts parts = new Parts();
    try {
      return new Agent(config, model, parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private Agent(AgentConfig config, Model model, Parts parts) throws IOException {
    this.config = config;
    this.model = model;
    this.parts = parts;
    config.secrets().forEach(mask::register);
    AgentDatabase database = parts.add(AgentDatabase.open(config.dbPath()));
    CommitQueue commits = parts.add(new CommitQueue(database));
    EventStore events = new EventStore(database.dsl(), commits, mask::mask);
    messages = new MessageStore(database.dsl(), commits, mask::mask);
    pending = new PendingStore(commits);
    log = new EventLog(events);
    commits.start(log::appended);
    workspace = workspace(config);

    TurnSetups setups = new TurnSetups();
    engine =
        new TurnEngine(
            new JournalStore(database.dsl(), commits, messages, events, mask::mask),
            log,
            model,
            setups,
            config.turns().concurrency());
    String owner = config.proactive().ownerChatId().orElse("");
    EngineTurns turns = new EngineTurns(engine, events);
    subagentRuns = new SubagentStore(database.dsl(), commits);
    subagents = new Subagents(subagentRuns, turns, owner, mask::mask);
    scheduler =
        parts.add(
            new Scheduler(
                workspace,
                new Scheduler.Settings(config.proactive().heartbeat(), owner),
                new ScheduleStore(database.dsl(), commits),
                turns,
                pending::add,
                mask::mask,
                Clock.systemUTC()));
    TurnOutlet people = new ChatOutlet(mask::mask);
    CodingStore codingStore = new CodingStore(database.dsl(), commits);
    codingTasks = new CodingTasks(codingStore, turns, Agent::noCheckpoint, people, mask::mask);
    codingEvents = new CodingEvents(codingTasks, codingStore, events);
    Toolbox plain = plainTools();
    tools = plain.with(new SpawnTool(subagents));
    facts = facts(database);
    registerKinds(setups, plain, people);
    parts.add(daily(new RetentionStore(commits)));
  }

  /** Goes on with what a former process left, and begins to do what is planned. */
  void start() {
    engine.start();
    subagents.start();
    codingTasks.start();
    scheduler.start();
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

  Workspace workspace() {
    return workspace;
  }

  String modelName() {
    return model.name();
  }

  /** What people's turns have. */
  Toolbox tools() {
    return tools;
  }

  SubagentStore subagentRuns() {
    return subagentRuns;
  }

  Subagents subagents() {
    return subagents;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  CodingTasks codingTasks() {
    return codingTasks;
  }

  CodingEvents codingEvents() {
    return codingEvents;
  }

  /** What it can say about itself. */
  AgentFacts facts() {
    return facts;
  }

  /**
   * Ends the turns: new ones are refused, running ones get a while, the rest is left to the next
   * start. Readers are then told to come back.
   */
  void endTurns(Duration grace) {
    scheduler.close();
    engine.close(grace);
    log.close();
  }

  /** Ends the tools and closes the file. */
  @Override
  public void close() {
    parts.close();
  }

  private void registerKinds(TurnSetups setups, Toolbox plain, TurnOutlet people) {
    ContextWindow context =
        new ContextWindow(
            persona(),
            config.context(),
            messages,
            request -> model.reply(request, ReplyListener.silent()),
            Clock.systemUTC());
    int stepsMax = config.turns().stepsMax();
    Duration timeMax = config.turns().timeMax();
    setups.register(
        TurnSetups.PEOPLE,
        turn ->
            new TurnSetup(
                tools,
                context.begin(turn.chatId(), Purpose.CHAT),
                stepsMax,
                timeMax,
                true,
                false,
                people));
    setups.register(
        SubagentRun.CHAT_PREFIX,
        turn -> {
          SubagentRun run = subagents.of(turn);
          Brief brief = new Brief(run.role().wireName() + ": " + run.role().duty(), run.persona());
          return new TurnSetup(
              plain.only(tool -> run.role().allows(tool.definition().name())),
              context.begin(turn.chatId(), Purpose.SUBAGENT, brief),
              Subagents.STEPS_MAX,
              run.timeMax(),
              false,
              true,
              subagents);
        });
    for (String prefix : Scheduler.CHAT_PREFIXES) {
      setups.register(
          prefix,
          turn ->
              new TurnSetup(
                  tools,
                  context.begin(turn.chatId(), Purpose.HEARTBEAT),
                  stepsMax,
                  timeMax,
                  true,
                  Scheduler.isFresh(turn.chatId()),
                  scheduler));
    }
    setups.register(
        CodingTask.CHAT_PREFIX,
        turn ->
            new TurnSetup(
                codingTasks.isReadOnly(turn.chatId()) ? tools.only(Tool::readOnly) : tools,
                context.begin(turn.chatId(), Purpose.CODING),
                stepsMax,
                timeMax,
                true,
                false,
                codingTasks));
  }

  private AgentFacts facts(AgentDatabase database) {
    UsageFactsStore usage = new UsageFactsStore(database.dsl());
    return new AgentFacts()
        .capability("queue")
        .capability("resume")
        .capability("deltas")
        .feature("workspace_tree")
        .feature("subagents")
        .feature("subagent_detail")
        .feature("tool_metadata")
        .feature("runtime_health")
        .feature("coding_task_runtime")
        .feature("file_watchers")
        .healthWord("database", () -> database.dsl().selectOne().fetch().isEmpty() ? "error" : "ok")
        .healthWord("workspace", () -> Files.isWritable(workspace.root()) ? "ok" : "error")
        .healthWord("mcp", () -> "disabled")
        .health("mcp_detail", Json::object)
        .healthWord("heartbeat", scheduler::heartbeatState)
        .section("tool_policy", Agent::openPolicy)
        .section("usage", () -> usage.json(LocalDate.now(ZoneOffset.UTC)))
        .section(
            "heartbeat_interval",
            () -> LongNode.valueOf(config.proactive().heartbeat().toSeconds()));
  }

  private Toolbox plainTools() {
    Path data = config.dbPath().toAbsolutePath().resolveSibling("");
    Map<String, String> environment =
        ChildEnvironment.of(config.environment(), workspace.root(), data);
    Commands commands = parts.add(new Commands(workspace.root(), data, environment));
    Path home = Path.of(environment.getOrDefault("HOME", workspace.root().toString()));
    return StandardTools.of(
        workspace,
        commands,
        new ShellGuard(workspace.root(), home, environment, OwnProcess.current()),
        new GuardedClient(new AddressPolicy(config.netAllowHosts())),
        config.braveKey().orElse(""),
        WebSearchTool.BRAVE,
        mask);
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

  private static AutoCloseable daily(RetentionStore retention) {
    Thread thread =
        Thread.ofVirtual()
            .name("retention")
            .start(() -> {
              try {
                while (true) {
                  prune(retention);
                  Thread.sleep(Duration.ofDays(1));
                }
              } catch (InterruptedException _) {
                // The agent stops.
              }
            });
    return thread::interrupt;
  }

  private static void prune(RetentionStore retention) {
    try {
      retention.prune();
    } catch (RuntimeException e) {
      // Tomorrow is another day.
      LOG.log(Level.WARNING, "agent.not_pruned", e);
    }
  }

  /** Every tool may do everything. */
  private static ObjectNode openPolicy() {
    ObjectNode policy = Json.object().put("mode", "full-auto");
    policy.putArray("allowlist");
    policy.putArray("denylist");
    return policy;
  }

  private static String noCheckpoint(String message) {
    return "This release keeps no checkpoints.";
  }
}
