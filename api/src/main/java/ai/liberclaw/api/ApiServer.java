package ai.liberclaw.api;

import ai.liberclaw.api.agents.AgentProbe;
import ai.liberclaw.api.agents.AgentRoutes;
import ai.liberclaw.api.auth.AuthRoutes;
import ai.liberclaw.api.auth.SignIn;
import ai.liberclaw.api.chat.AgentFinder;
import ai.liberclaw.api.chat.ChatAgent;
import ai.liberclaw.api.chat.ChatRoutes;
import ai.liberclaw.api.chat.OpenStreams;
import ai.liberclaw.api.chat.RelayLimits;
import ai.liberclaw.api.health.HealthRoutes;
import ai.liberclaw.api.mail.ConsoleMailSender;
import ai.liberclaw.api.mail.MailOutbox;
import ai.liberclaw.api.retention.Retention;
import ai.liberclaw.api.usage.UsageRoutes;
import ai.liberclaw.api.usage.UsageStore;
import ai.liberclaw.api.users.UserRoutes;
import ai.liberclaw.api.users.UserStore;
import ai.liberclaw.api.web.Cors;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.core.web.ErrorBody;
import ai.liberclaw.core.web.Listener;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.db.Migrations;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentClient;
import io.helidon.dbclient.DbRow;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jooq.DSLContext;

/**
 * A running API server. Closing it ends things in order: open streams are told to come back, the
 * listener drains, the control plane stops, the database closes.
 */
public final class ApiServer implements AutoCloseable {
  /** The largest body any route takes: an upload and what surrounds it. */
  private static final long PAYLOAD_BYTES_MAX = 51L * 1024 * 1024;

  private static final ErrorBody ERRORS = (_, message) -> Json.object().put("detail", message);

  /** One row while all migrations begun by any server have gone well. */
  private static final String MIGRATED =
      "select 1 from " + Migrations.HISTORY_TABLE + " having bool_and(success)";

  private static final Logger LOG = System.getLogger(ApiServer.class.getName());

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private int port;
  private List<String> routes = List.of();

  private ApiServer() {}

  /** What tests set apart from the configuration. */
  record Options(
      Map<String, String> environment,
      Clock clock,
      PrintStream console,
      AgentClient.Timeouts agentTimeouts,
      RelayLimits relay,
      PlatformDatabase.Settings database) {
    static Options standard(ApiConfig config) {
      return new Options(
          System.getenv(),
          Clock.systemUTC(),
          System.out,
          AgentClient.Timeouts.STANDARD,
          RelayLimits.standard(config.streamsPerUser()),
          new PlatformDatabase.Settings(config.databaseUrl()));
    }
  }

  /** Opens the database, starts the control plane and listens. */
  public static ApiServer start(ApiConfig config) {
    return start(config, Options.standard(config));
  }

  static ApiServer start(ApiConfig config, Options options) {
    ApiServer server = new ApiServer();
    try {
      server.open(config, options);
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** Every route, for tests. */
  List<String> routes() {
    return routes;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.log(Level.WARNING, "server.part_not_closed", e);
      }
    }
  }

  /** Parts are closed in the reverse of this order. */
  private void open(ApiConfig config, Options options) {
    // First of all, and with the system's own reason, which the listener keeps in its log.
    requireFree(config.host(), config.port());
    Clock clock = options.clock();
    boolean devMode = config.control().devMode();
    PlatformDatabase database = own(PlatformDatabase.open(options.database()));
    DSLContext sql = database.dsl();
    ControlPlane control =
        own(ControlPlane.start(config.control(), database, options.environment(), new Mask()));
    AgentClient agents = new AgentClient(options.agentTimeouts(), devMode, clock);
    parts.push(agents::close);

    UsageStore usage = new UsageStore(clock);
    // Without a mail transport, codes are printed where only the developer sees them, or not made.
    Optional<MailOutbox> mails =
        devMode
            ? Optional.of(
                own(
                    new MailOutbox(
                        sql,
                        config.control().keys(),
                        new ConsoleMailSender(options.console()),
                        clock)))
            : Optional.empty();
    SignIn signIn = SignIn.of(config.signIn(), sql, mails, clock);
    own(new Retention(sql, clock));
    OpenStreams streams = new OpenStreams(options.relay().streamsPerUser());
    ChatRoutes chats =
        own(
            new ChatRoutes(
                sql,
                finder(control.agents()),
                agents,
                streams,
                usage,
                config.tiers(),
                options.relay(),
                clock));

    Router router = new Router(ERRORS).before(new Cors(config.corsOrigins()));
    router.before(signIn.authentication());
    new HealthRoutes(checks(database, control)).addTo(router);
    new AuthRoutes(signIn).addTo(router);
    new UserRoutes(new UserStore(sql, clock)).addTo(router);
    new UsageRoutes(sql, usage, config.tiers(), config.control().quotas()).addTo(router);
    new AgentRoutes(control.agents(), AgentProbe.with(agents)).addTo(router);
    chats.addTo(router);
    routes = router.routes();

    WebServer listener =
        Listener.of(config.host(), config.port(), PAYLOAD_BYTES_MAX, config.drain(), router, ERRORS)
            .build();
    parts.push(listener::stop);
    listener.start();
    if (!listener.isRunning()) {
      throw new StartException("Cannot listen on " + config.host() + ":" + config.port());
    }
    parts.push(streams::drain);
    port = listener.port();
  }

  private static void requireFree(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (UnknownHostException _) {
      throw new StartException("Cannot listen on " + host + ": no address of this machine");
    } catch (IOException e) {
      throw new StartException("Cannot listen on " + host + ":" + port + ": " + e.getMessage());
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  private static Map<String, HealthRoutes.Check> checks(
      PlatformDatabase database, ControlPlane control) {
    Map<String, HealthRoutes.Check> checks = new LinkedHashMap<>();
    checks.put("database", () -> holds(database, "select 1"));
    checks.put("migrations", () -> holds(database, MIGRATED));
    checks.put("deployments", control::ready);
    return checks;
  }

  /** True when the query gives a row. */
  private static boolean holds(PlatformDatabase database, String query) {
    try (Stream<DbRow> rows = database.client().execute().query(query)) {
      return rows.count() == 1;
    }
  }

  private static AgentFinder finder(Agents agents) {
    return (owner, id) -> agents.endpoint(owner, id).map(ApiServer::chatAgent);
  }

  private static ChatAgent chatAgent(AgentEndpoint endpoint) {
    return new ChatAgent(
        endpoint.agentId(),
        endpoint.name(),
        endpoint.running(),
        endpoint
            .base()
            .map(base -> new AgentAddress(base, endpoint.secret(), endpoint.openedByProvider())),
        endpoint.instanceId());
  }
}
