package ai.liberclaw.agent;

import ai.liberclaw.agent.approval.ApprovalRoutes;
import ai.liberclaw.agent.auth.SecretCheck;
import ai.liberclaw.agent.chat.ChatRoutes;
import ai.liberclaw.agent.checkpoint.CheckpointRoutes;
import ai.liberclaw.agent.coding.CodingRoutes;
import ai.liberclaw.agent.download.DownloadRoutes;
import ai.liberclaw.agent.events.EventRoutes;
import ai.liberclaw.agent.health.AgentIdentity;
import ai.liberclaw.agent.health.HealthRoutes;
import ai.liberclaw.agent.health.InfoRoutes;
import ai.liberclaw.agent.pending.PendingRoutes;
import ai.liberclaw.agent.schedule.ScheduleRoutes;
import ai.liberclaw.agent.subagent.SubagentRoutes;
import ai.liberclaw.agent.telegram.TelegramRoutes;
import ai.liberclaw.agent.webchat.Cors;
import ai.liberclaw.agent.webchat.PageRoutes;
import ai.liberclaw.agent.workspace.FileRoutes;
import ai.liberclaw.agent.workspace.TreeRoutes;
import ai.liberclaw.agent.workspace.UploadRoutes;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Listener;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/** One agent and the HTTP server in front of it. */
public final class AgentServer implements AutoCloseable {
  /** How long answers that are under way may take once turns have ended. */
  private static final Duration HTTP_GRACE = Duration.ofSeconds(1);

  /** Routes bound their bodies themselves and say so in their words; this is for all others. */
  private static final long PAYLOAD_BYTES_MAX = 1L << 30;

  private static final Logger LOG = System.getLogger(AgentServer.class.getName());

  private final Agent agent;
  private final WebServer http;
  private final Duration grace;

  private AgentServer(Agent agent, WebServer http, Duration grace) {
    this.agent = agent;
    this.http = http;
    this.grace = grace;
  }

  /**
   * Opens the agent's file and workspace, goes on with the turns that a former process left, then
   * listens.
   *
   * @throws IOException when the workspace cannot be used
   */
  public static AgentServer start(AgentConfig config) throws IOException {
    Agent agent = Agent.open(config);
    AgentConfig.Listen listen = config.listen();
    AgentServer server = new AgentServer(agent, http(config, agent), listen.shutdownGrace());
    try {
      agent.start();
      server.http.start();
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    LOG.log(
        Level.INFO,
        "agent.started host={0} port={1} model={2} workspace={3}",
        listen.host(),
        String.valueOf(server.port()),
        agent.modelName(),
        agent.workspace().root());
    return server;
  }

  private static WebServer http(AgentConfig config, Agent agent) {
    Router router = new Router(AgentServer::errorBody);
    router.before(new Cors(config.web().origins(), config.fqdn()));
    router.before(new SecretCheck(config.secret(), publicPaths(config)));
    AgentIdentity identity =
        new AgentIdentity(
            config.name(),
            agent.modelName(),
            !config.systemPrompt().isBlank(),
            config.release().orElseGet(AgentServer::version),
            agent.sandbox().kind(),
            UUID.randomUUID());
    new HealthRoutes(identity, agent.facts()).register(router);
    new InfoRoutes(identity, agent.facts(), agent::tools).register(router);
    AgentConfig.Listen listen = config.listen();
    new ChatRoutes(
            agent.engine(), agent.log(), agent.messages(), listen.keepalive(), listen.stallMax())
        .register(router);
    new SubagentRoutes(agent.subagentRuns(), agent.subagents(), Clock.systemUTC()).register(router);
    new ScheduleRoutes(agent.scheduler()).register(router);
    new CodingRoutes(
            agent.codingTasks(),
            agent.codingEvents(),
            agent.log(),
            listen.keepalive(),
            listen.stallMax())
        .register(router);
    new ApprovalRoutes(agent.approvals(), agent.desk()).register(router);
    new PendingRoutes(agent.pending(), agent.log()).register(router);
    new EventRoutes(agent.recall().events()).register(router);
    new TelegramRoutes(agent.telegram()).register(router);
    FileRoutes files = new FileRoutes(agent.workspace());
    files.register(router);
    new DownloadRoutes(agent.workspace(), files, config.secret(), Clock.systemUTC())
        .register(router);
    new UploadRoutes(agent.workspace()).register(router);
    new TreeRoutes(agent.workspace()).register(router);
    new CheckpointRoutes(agent.checkpoints()).register(router);
    if (config.web().page()) {
      new PageRoutes(config.web()).register(router);
    }
    return Listener.of(
            config.listen().host(),
            config.listen().port(),
            PAYLOAD_BYTES_MAX,
            HTTP_GRACE,
            router,
            AgentServer::errorBody)
        .build();
  }

  private static Set<String> publicPaths(AgentConfig config) {
    Set<String> paths = new HashSet<>(Set.of(HealthRoutes.PATH, DownloadRoutes.PUBLIC_PATHS));
    if (config.web().page()) {
      paths.addAll(PageRoutes.PUBLIC_PATHS);
    }
    return paths;
  }

  /** The port it listens on. */
  public int port() {
    return http.port();
  }

  /**
   * Stops in order: new messages are refused, running turns may end for the grace, readers are told
   * to come back, the server stops, tools are ended, the file is closed.
   */
  @Override
  public void close() {
    LOG.log(Level.INFO, "agent.stopping grace={0}", grace);
    agent.endTurns(grace);
    http.stop();
    agent.close();
    LOG.log(Level.INFO, "agent.stopped");
  }

  /** The version that was built; a build that has none calls itself so. */
  private static String version() {
    String version = AgentServer.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Clients of the original agents know what no route answers by {@code detail}. */
  private static ObjectNode errorBody(int status, String message) {
    return switch (status) {
      case 404 -> Json.object().put(message.equals(Router.NOT_FOUND) ? "detail" : "error", message);
      case 405 -> Json.object().put("detail", message);
      case 500 -> Json.object().put("error", "internal error");
      default -> Json.object().put("error", message);
    };
  }
}
