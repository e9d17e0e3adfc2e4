package ai.liberclaw.agent;

import ai.liberclaw.agent.auth.SecretCheck;
import ai.liberclaw.agent.chat.ChatOutlet;
import ai.liberclaw.agent.chat.ChatRoutes;
import ai.liberclaw.agent.context.ContextWindow;
import ai.liberclaw.agent.context.Persona;
import ai.liberclaw.agent.context.Purpose;
import ai.liberclaw.agent.health.HealthRoutes;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.EventStore;
import ai.liberclaw.agent.journal.JournalStore;
import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.journal.RetentionStore;
import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.Models;
import ai.liberclaw.agent.model.ReplyListener;
import ai.liberclaw.agent.pending.PendingRoutes;
import ai.liberclaw.agent.pending.PendingStore;
import ai.liberclaw.agent.tool.StandardTools;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.tool.WebSearchTool;
import ai.liberclaw.agent.tool.shell.ChildEnvironment;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.OwnProcess;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.agent.turn.TurnSetup;
import ai.liberclaw.agent.turn.TurnSetups;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.core.web.Listener;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.db.sqlite.AgentDatabase;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One running agent: its file, its workspace, its turns, and the HTTP server in front of them. */
public final class AgentServer implements AutoCloseable {
  /** The largest body any route takes: an upload with what is around it. */
  private static final long PAYLOAD_BYTES_MAX = 51L * 1024 * 1024;

  /** How long answers that are under way may take once turns have ended. */
  private static final Duration HTTP_GRACE = Duration.ofSeconds(1);

  private static final Logger LOG = System.getLogger(AgentServer.class.getName());

  private final WebServer http;
  private final TurnEngine engine;
  private final EventLog log;
  private final Duration grace;
  private final Parts parts;

  private AgentServer(
      WebServer http, TurnEngine engine, EventLog log, Duration grace, Parts parts) {
    this.http = http;
    this.engine = engine;
    this.log = log;
    this.grace = grace;
    this.parts = parts;
  }

  /**
   * Opens the agent's file and workspace, goes on with the turns that a former process left, then
   * listens.
   *
   * @throws IOException when the workspace cannot be used
   */
  public static AgentServer start(AgentConfig config) throws IOException {
    Parts parts = new Parts();
    try {
      return start(config, parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static AgentServer start(AgentConfig config, Parts parts) throws IOException {
    Mask mask = new Mask();
    config.secrets().forEach(mask::register);
    AgentDatabase database = parts.add(AgentDatabase.open(config.dbPath()));
    CommitQueue commits = parts.add(new CommitQueue(database));
    EventStore events = new EventStore(database.dsl(), commits, mask::mask);
    MessageStore messages = new MessageStore(database.dsl(), commits, mask::mask);
    EventLog log = new EventLog(events);
    commits.start(log::appended);
    PendingStore pending = new PendingStore(commits);
    Workspace workspace = workspace(config);
    Toolbox tools = tools(config, workspace, mask, parts);
    Model model = Models.create(config.model());
    ContextWindow context =
        new ContextWindow(
            persona(config, workspace),
            config.context(),
            messages,
            request -> model.reply(request, ReplyListener.silent()),
            Clock.systemUTC());
    TurnSetups setups =
        new TurnSetups(turn ->
            new TurnSetup(
                tools,
                context.begin(turn.chatId(), Purpose.CHAT),
                config.turns().stepsMax(),
                config.turns().timeMax(),
                true,
                false,
                new ChatOutlet()));
    TurnEngine engine =
        new TurnEngine(
            new JournalStore(database.dsl(), commits, messages, events),
            log,
            model,
            setups,
            config.turns().concurrency());
    parts.add(daily(new RetentionStore(commits)));

    Router router = new Router(AgentServer::errorBody);
    router.before(new SecretCheck(config.secret(), Set.of(HealthRoutes.PATH)));
    new HealthRoutes(config.name(), release(), Commands.SANDBOX).register(router);
    new ChatRoutes(engine, log, messages, config.listen().keepalive()).register(router);
    new PendingRoutes(pending, log).register(router);
    WebServer http =
        Listener.of(
                config.listen().host(),
                config.listen().port(),
                PAYLOAD_BYTES_MAX,
                HTTP_GRACE,
                router,
                AgentServer::errorBody)
            .build();
    engine.start();
    http.start();
    LOG.log(
        Level.INFO,
        "agent.started host={0} port={1} model={2} workspace={3}",
        config.listen().host(),
        String.valueOf(http.port()),
        model.name(),
        workspace.root());
    return new AgentServer(http, engine, log, config.listen().shutdownGrace(), parts);
  }

  /** The port it listens on. */
  public int port() {
    return http.port();
  }

  /**
   * Stops in order: new messages are refused, running turns may end for the grace, readers are told
   * to come back, tools are ended, the file is closed.
   */
  @Override
  public void close() {
    LOG.log(Level.INFO, "agent.stopping grace={0}", grace);
    engine.close(grace);
    log.close();
    http.stop();
    parts.close();
    LOG.log(Level.INFO, "agent.stopped");
  }

  private static Workspace workspace(AgentConfig config) throws IOException {
    Path db = config.dbPath().toAbsolutePath();
    List<Path> ownFiles =
        List.of(
            db,
            db.resolveSibling(db.getFileName() + "-wal"),
            db.resolveSibling(db.getFileName() + "-shm"),
            Path.of(".env").toAbsolutePath());
    Workspace workspace = new Workspace(config.workspace(), ownFiles);
    for (String folder : List.of("memory", "skills")) {
      Files.createDirectories(workspace.root().resolve(folder));
    }
    return workspace;
  }

  private static Toolbox tools(
      AgentConfig config, Workspace workspace, Mask mask, Parts parts) {
    Path data = config.dbPath().toAbsolutePath().getParent();
    Map<String, String> environment =
        ChildEnvironment.of(config.environment(), workspace.root(), data);
    Commands commands = parts.add(new Commands(workspace.root(), data, environment));
    Path home = Path.of(environment.getOrDefault("HOME", workspace.root().toString()));
    ShellGuard guard = new ShellGuard(workspace.root(), home, environment, OwnProcess.current());
    GuardedClient client = new GuardedClient(new AddressPolicy(config.netAllowHosts()));
    return StandardTools.of(
        workspace,
        commands,
        guard,
        client,
        config.braveKey().orElse(""),
        WebSearchTool.BRAVE,
        mask);
  }

  private static Persona persona(AgentConfig config, Workspace workspace) {
    Duration heartbeat = config.proactive().heartbeat();
    return new Persona(
        config.name(),
        config.systemPrompt(),
        workspace.root(),
        config.surroundings(),
        config.fqdn(),
        Optional.of(heartbeat).filter(Duration::isPositive));
  }

  private static AutoCloseable daily(RetentionStore retention) {
    Thread thread =
        Thread.ofVirtual()
            .name("retention")
            .start(() -> {
              try {
                while (true) {
                  retention.prune();
                  Thread.sleep(Duration.ofDays(1));
                }
              } catch (InterruptedException _) {
                // The agent stops.
              }
            });
    return thread::interrupt;
  }

  /** The id of the release that runs; a build that is none calls itself so. */
  private static String release() {
    String version = AgentServer.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private static ObjectNode errorBody(int status, String message) {
    return switch (status) {
      case 404, 405 -> Json.object().put("detail", message);
      case 500 -> Json.object().put("error", "internal error");
      default -> Json.object().put("error", message);
    };
  }
}
