package ai.liberclaw.agent;

import ai.liberclaw.agent.approval.ApprovalDesk;
import ai.liberclaw.agent.chat.ChatOutlet;
import ai.liberclaw.agent.checkpoint.CheckpointFault;
import ai.liberclaw.agent.checkpoint.Checkpoints;
import ai.liberclaw.agent.coding.CodingEvents;
import ai.liberclaw.agent.coding.CodingStore;
import ai.liberclaw.agent.coding.CodingTasks;
import ai.liberclaw.agent.context.ContextLimits;
import ai.liberclaw.agent.context.ContextWindow;
import ai.liberclaw.agent.context.NewestImages;
import ai.liberclaw.agent.context.Persona;
import ai.liberclaw.agent.health.AgentFacts;
import ai.liberclaw.agent.journal.ApprovalStore;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.EventStore;
import ai.liberclaw.agent.journal.JournalStore;
import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.journal.ProcessStore;
import ai.liberclaw.agent.journal.VisionStore;
import ai.liberclaw.agent.mcp.McpServers;
import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.Models;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.ReplyListener;
import ai.liberclaw.agent.model.VisionLog;
import ai.liberclaw.agent.pending.PendingStore;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.schedule.ScheduleStore;
import ai.liberclaw.agent.schedule.Scheduler;
import ai.liberclaw.agent.subagent.SubagentStore;
import ai.liberclaw.agent.subagent.Subagents;
import ai.liberclaw.agent.telegram.TelegramChannel;
import ai.liberclaw.agent.todo.TodoList;
import ai.liberclaw.agent.tool.SpawnTool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.tool.shell.ChildServers;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.Gatekeeper;
import ai.liberclaw.agent.turn.SideCalls;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.turn.TurnSetups;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jooq.DSLContext;

/**
 * One agent: its file, its workspace, its model, its turns. It shares nothing with another one in
 * the same process.
 */
final class Agent implements AutoCloseable {
  private final AgentConfig config;
  private final SideCalls sideCalls = new SideCalls();
  private final Parts parts;
  private final AgentHome home;
  private final Models models;
  private final MessageStore messages;
  private final PendingStore pending;
  private final ApprovalStore approvals;
  private final ApprovalDesk desk;
  private final EventLog log;
  private final Checkpoints checkpoints;
  private final Recall recall;
  private final McpServers mcp;
  private final JournalStore journal;
  private final TurnEngine engine;
  private final SubagentStore subagentRuns;
  private final Subagents subagents;
  private final Scheduler scheduler;
  private final TelegramChannel telegram;
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
    return open(config, log -> Models.create(config.model(), log));
  }

  /** The same with this model. */
  static Agent open(AgentConfig config, Model model) throws IOException {
    return open(config, log -> Models.of(model, config.model(), log));
  }

  private static Agent open(AgentConfig config, Function<VisionLog, Models> models)
      throws IOException {
    Parts parts = new Parts();
    try {
      return new Agent(config, models, parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private Agent(AgentConfig config, Function<VisionLog, Models> chosen, Parts parts)
      throws IOException {
    this.config = config;
    this.parts = parts;
    Mask mask = new Mask();
    config.secrets().forEach(mask::register);
    AgentDatabase database = parts.add(AgentDatabase.open(config.dbPath()));
    DSLContext sql = database.dsl();
    CommitQueue commits = parts.add(new CommitQueue(database));
    EventStore events = new EventStore(sql, commits, mask::mask);
    messages = new MessageStore(sql, commits, mask::mask);
    pending = new PendingStore(sql, commits);
    approvals = new ApprovalStore(sql, commits, events, mask::mask);
    desk = new ApprovalDesk(approvals);
    log = new EventLog(events, mask);
    commits.start(log::appended);
    home = AgentHome.open(config);
    models = chosen.apply(new VisionStore(sql, commits, events, sideCalls, mask::mask));
    checkpoints =
        new Checkpoints(home.workspace(), home.data().resolve("checkpoints"), Clock.systemUTC());
    recall =
        new Recall(
            config.recall(), sql, commits, mask, this::summarise, home.workspace(), home.data());
    mcp =
        parts.add(
            new McpServers(
                config.mcp(), new ChildServers(home.sandbox(), home.data()), mask::mask));

    TurnSetups setups = new TurnSetups();
    setups.beforeRecovered(mcp::awaitFirstAttempts);
    journal = new JournalStore(sql, commits, messages, events, approvals, sideCalls, mask::mask);
    engine =
        new TurnEngine(
            journal,
            log,
            models.model(),
            setups,
            new Gatekeeper(
                config.permissions().policy(), desk, config.permissions().approvalTime()),
            config.turns().concurrency());
    EngineTurns turns = new EngineTurns(engine, events);
    String owner = config.proactive().ownerChatId().or(config.telegram()::ownerChat).orElse("");
    telegram =
        new TelegramChannel(
            config.telegram(),
            new TelegramChannel.Stores(sql, commits, events),
            log,
            engine,
            desk,
            home.workspace(),
            mask::mask);
    subagentRuns = new SubagentStore(sql, commits);
    subagents = new Subagents(subagentRuns, turns, owner, mask::mask);
    scheduler =
        parts.add(
            new Scheduler(
                home.workspace(),
                new Scheduler.Settings(config.proactive().heartbeat(), owner),
                new ScheduleStore(sql, commits),
                turns,
                pending::add,
                mask::mask,
                Clock.systemUTC()));
    TurnOutlet people = new ChatOutlet(mask::mask);
    CodingStore codingStore = new CodingStore(sql, commits);
    codingTasks = new CodingTasks(codingStore, turns, this::checkpoint, people, mask::mask);
    codingEvents = new CodingEvents(codingTasks, codingStore, events);

    TodoList todos = new TodoList(home.workspace(), Clock.systemUTC());
    Toolbox plain =
        AgentTools.of(
            config,
            home,
            models,
            recall,
            checkpoints,
            todos,
            new ProcessStore(sql, commits),
            mask,
            parts);
    tools = plain.with(new SpawnTool(subagents));
    AgentTurns kinds = new AgentTurns(config.turns(), context(todos), plain, tools, mcp, recall);
    kinds.people(setups, people);
    kinds.subagents(setups, subagents);
    kinds.jobs(setups, scheduler);
    kinds.codingTasks(setups, codingTasks);
    facts = AgentSelf.facts(config, home, database, models.vision(), mcp, scheduler, this::browser);
    parts.add(recall.janitor());
  }

  /** Goes on with what a former process left, and begins to do what is planned. */
  void start() {
    mcp.start();
    engine.start();
    subagents.start();
    codingTasks.start();
    scheduler.start();
    recall.janitor().start();
    telegram.start();
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

  ApprovalStore approvals() {
    return approvals;
  }

  ApprovalDesk desk() {
    return desk;
  }

  Recall recall() {
    return recall;
  }

  Workspace workspace() {
    return home.workspace();
  }

  Sandbox sandbox() {
    return home.sandbox();
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  String modelName() {
    return models.model().name();
  }

  /** What people's turns have now. */
  Toolbox tools() {
    return mcp.addTo(tools);
  }

  SubagentStore subagentRuns() {
    return subagentRuns;
  }

  Subagents subagents() {
    return subagents;
  }

  TelegramChannel telegram() {
    return telegram;
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
    telegram.stopReceiving();
    engine.close(grace);
    log.close();
    telegram.close();
  }

  /** Ends the tools and closes the file. */
  @Override
  public void close() {
    parts.close();
  }

  private boolean browser() {
    return tools.find("browser").filter(tool -> tool.unavailable().isEmpty()).isPresent();
  }

  private ContextWindow context(TodoList todos) {
    return new ContextWindow(
        persona(),
        limits(),
        new NewestImages(messages, config.model().vision().imagesMax(), models.vision()::isDirect),
        this::summarise,
        recall.context(todos::activeText),
        Clock.systemUTC());
  }

  /** What the model's provider says of its context is truer than what was guessed from its name. */
  private ContextLimits limits() {
    OptionalInt told = models.model().windowTokens();
    return told.isPresent() ? config.context().withWindow(told.getAsInt()) : config.context();
  }

  private Persona persona() {
    return new Persona(
        config.name(),
        config.systemPrompt(),
        home.workspace().root(),
        config.surroundings(),
        home.sandbox().description(),
        config.fqdn(),
        Optional.of(config.proactive().heartbeat()).filter(Duration::isPositive));
  }

  private Reply summarise(String turnId, ModelRequest request)
      throws ModelException, InterruptedException {
    Reply reply = models.model().reply(request, ReplyListener.silent());
    sideCalls.add(turnId, models.model(), reply);
    return reply;
  }

  private String checkpoint(String message) throws IOException, InterruptedException {
    try {
      return checkpoints
          .create(message)
          .map(made -> "Checkpoint created: " + made.shortId())
          .orElse("No changes to checkpoint.");
    } catch (CheckpointFault e) {
      throw new IOException(e.text(), e);
    }
  }
}
