package ai.liberclaw.api;

import ai.liberclaw.api.activity.ActivityFeed;
import ai.liberclaw.api.activity.ActivityRoutes;
import ai.liberclaw.api.agents.AgentProbe;
import ai.liberclaw.api.agents.AgentRoutes;
import ai.liberclaw.api.agents.StatusStreams;
import ai.liberclaw.api.auth.AuthRoutes;
import ai.liberclaw.api.auth.ClientAddress;
import ai.liberclaw.api.auth.SignIn;
import ai.liberclaw.api.budget.BudgetRoutes;
import ai.liberclaw.api.catalogue.CatalogueRoutes;
import ai.liberclaw.api.chat.AgentFinder;
import ai.liberclaw.api.chat.ChatAgent;
import ai.liberclaw.api.chat.ChatRoutes;
import ai.liberclaw.api.chat.RelayLimits;
import ai.liberclaw.api.files.FileRoutes;
import ai.liberclaw.api.health.HealthRoutes;
import ai.liberclaw.api.health.Readiness;
import ai.liberclaw.api.idempotency.OnceOnly;
import ai.liberclaw.api.idtoken.IdTokenRoutes;
import ai.liberclaw.api.inference.InferenceRoutes;
import ai.liberclaw.api.keys.KeyRoutes;
import ai.liberclaw.api.mail.MailOutbox;
import ai.liberclaw.api.network.NetworkMap;
import ai.liberclaw.api.network.NetworkRoutes;
import ai.liberclaw.api.oauth.OAuthRoutes;
import ai.liberclaw.api.openapi.OpenApi;
import ai.liberclaw.api.operations.Operations;
import ai.liberclaw.api.operations.OperationsSettings;
import ai.liberclaw.api.retention.Retention;
import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.api.tokens.TokenRoutes;
import ai.liberclaw.api.usage.MeterRoutes;
import ai.liberclaw.api.usage.UsageRoutes;
import ai.liberclaw.api.usage.UsageStore;
import ai.liberclaw.api.users.ConnectionRoutes;
import ai.liberclaw.api.users.Erasure;
import ai.liberclaw.api.users.IdleGuests;
import ai.liberclaw.api.users.UserRoutes;
import ai.liberclaw.api.users.UserStore;
import ai.liberclaw.api.users.Vanished;
import ai.liberclaw.api.wallet.WalletRoutes;
import ai.liberclaw.api.web.Cors;
import ai.liberclaw.api.webapp.WebApp;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.core.web.ErrorBody;
import ai.liberclaw.core.web.Listener;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.db.Migrations;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.ControlPlaneConfig;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.budget.Limits;
import ai.liberclaw.deploy.budget.Meters;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentFiles;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.model.ModelSettings;
import ai.liberclaw.deploy.model.OfferedModel;
import ai.liberclaw.deploy.model.OfflineCompletions;
import ai.liberclaw.deploy.model.Upstream;
import io.helidon.dbclient.DbRow;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
  /**
   * What the listener itself refuses, in an answer that browsers may not read. Every route has a
   * limit of its own, an upload the largest.
   */
  private static final long PAYLOAD_BYTES_MAX = 1L << 30;

  private static final ErrorBody ERRORS = (_, message) -> Json.object().put("detail", message);

  /** One row while all migrations begun by any server have gone well. */
  private static final String MIGRATED =
      "select 1 from " + Migrations.HISTORY_TABLE + " having bool_and(success)";

  /** Fast enough to read along with, and a whole reply takes well under a second. */
  private static final Duration OFFLINE_PAUSE = Duration.ofMillis(8);

  private static final Logger LOG = System.getLogger(ApiServer.class.getName());

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Told to open streams before the listener stops. */
  private final List<AutoCloseable> drains = new ArrayList<>();

  private final AtomicBoolean closed = new AtomicBoolean();
  private int port;
  private int adminPort = -1;
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

  /** The port of metrics and readiness; -1 when there is none. */
  int adminPort() {
    return adminPort;
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

  /** What all features are built on. */
  private record Ground(
      ApiConfig config,
      Options options,
      PlatformDatabase database,
      Notifications notifications,
      ControlPlane control,
      AgentClient agents) {
    DSLContext sql() {
      return database.dsl();
    }

    Clock clock() {
      return options.clock();
    }
  }

  /** Parts are closed in the reverse of the order in which they are made here. */
  private void open(ApiConfig config, Options options) {
    // First of all, and with the system's own reason, which the listener keeps in its log.
    requireFree(config.host(), config.port());
    Ground ground = ground(config, options);
    SignIn signIn = signIn(ground);
    ClusterTasks tasks = tasks(ground);
    OpenStreams streams = new OpenStreams(options.relay().streamsPerUser());
    Readiness readiness = new Readiness(checks(ground.database(), ground.control()));

    Router router = router(config, signIn);
    new HealthRoutes(readiness).addTo(router);
    addAccounts(ground, signIn, tasks, router);
    addAgents(ground, streams, router);
    InferenceRoutes inference = addInference(ground, router);
    addPublic(ground, router);
    addSignIn(ground, signIn, router);
    watch(ground, router, streams, inference, readiness, signIn);
    ground.notifications().start();
    routes = router.routes();
    listen(config, router);
    ground.control().gatewayListens(nearby(config.host(), port));
  }

  private Ground ground(ApiConfig config, Options options) {
    PlatformDatabase database = own(PlatformDatabase.open(options.database()));
    Notifications notifications = own(new Notifications(database));
    ControlPlane control =
        own(
            ControlPlane.start(
                config.control(), database, notifications, options.environment(), new Mask()));
    AgentClient agents =
        new AgentClient(
            options.agentTimeouts(),
            config.control().devMode(),
            options.clock(),
            control.tunnels());
    parts.push(agents::close);
    return new Ground(config, options, database, notifications, control, agents);
  }

  private SignIn signIn(Ground ground) {
    ApiConfig config = ground.config();
    // Without a mail transport no codes are made.
    Optional<MailOutbox> mails =
        config
            .mail()
            .sender(ground.options().console())
            .map(sender ->
                own(new MailOutbox(ground.sql(), config.control().keys(), sender, ground.clock())));
    return SignIn.of(config.signIn(), ground.sql(), mails, ground.clock());
  }

  private ClusterTasks tasks(Ground ground) {
    DSLContext sql = ground.sql();
    ClusterTasks tasks = own(new ClusterTasks(sql, ground.clock()));
    new Retention(sql, ground.clock()).addTo(tasks);
    NetworkMap.of(ground.config().network(), sql, NetworkMap.Reach.STANDARD)
        .ifPresent(map -> map.addTo(tasks));
    return tasks;
  }

  private static Router router(ApiConfig config, SignIn signIn) {
    Cors cors = new Cors(config.corsOrigins());
    return new Router(ERRORS)
        .before(cors)
        .earlyHeaders(cors::headers)
        .before(signIn.authentication())
        .idsFrom(signIn.addresses()::isProxy)
        .excuse(Vanished::refusal);
  }

  /** What belongs to a person. */
  private static void addAccounts(Ground ground, SignIn signIn, ClusterTasks tasks, Router router) {
    DSLContext sql = ground.sql();
    Clock clock = ground.clock();
    new AuthRoutes(signIn).addTo(router);
    Erasure erasure = new Erasure(sql, ground.control().agents());
    new IdleGuests(sql, erasure, ground.config().guestIdle(), clock).addTo(tasks);
    new UserRoutes(new UserStore(sql, clock), erasure).addTo(router);
    new ConnectionRoutes(sql).addTo(router);
    new KeyRoutes(sql, ground.config().control().keys(), clock).addTo(router);
    new TokenRoutes(sql, clock).addTo(router);
  }

  /** Agents, and what is done with one. */
  private void addAgents(Ground ground, OpenStreams streams, Router router) {
    ApiConfig config = ground.config();
    DSLContext sql = ground.sql();
    Clock clock = ground.clock();
    Agents agents = ground.control().agents();
    AgentClient client = ground.agents();
    RelayLimits relay = ground.options().relay();
    UsageStore usage = new UsageStore(clock);
    new UsageRoutes(sql, usage, config.tiers(), config.control().quotas()).addTo(router);
    Meters meters = new Meters(sql, clock);
    new MeterRoutes(meters).addTo(router);
    new BudgetRoutes(new Limits(sql), meters).addTo(router);
    new AgentRoutes(
            agents,
            meters,
            ground.control().logs(),
            AgentProbe.with(client),
            new OnceOnly(sql, clock))
        .addTo(router);
    new FileRoutes(agents, new AgentFiles(client), relay.stallMax()).addTo(router);
    ChatRoutes chats =
        own(
            new ChatRoutes(
                sql, finder(agents), client, streams, usage, config.tiers(), relay, clock));
    chats.addTo(router);
    drains.add(chats::drain);
    StatusStreams statuses =
        new StatusStreams(
            agents, streams, ground.notifications(), relay.keepalive(), relay.stallMax());
    statuses.addTo(router);
    drains.add(statuses::drain);
  }

  /** The gateway, through which agents ask models. */
  private InferenceRoutes addInference(Ground ground, Router router) {
    ControlPlaneConfig control = ground.config().control();
    RelayLimits relay = ground.options().relay();
    InferenceRoutes inference =
        own(
            new InferenceRoutes(
                control.services(),
                upstreams(control),
                control.menu(),
                control.keys(),
                ground.control().budgets(),
                Optional.of(new OfflineCompletions(OFFLINE_PAUSE, ground.clock())),
                ground
                    .config()
                    .inference()
                    .with(relay.headWait(), relay.keepalive(), relay.stallMax()),
                ground.clock()));
    inference.addTo(router);
    drains.add(inference::drain);
    return inference;
  }

  private static List<Upstream> upstreams(ControlPlaneConfig control) {
    ModelSettings services = control.services();
    try {
      ModelSettings.Decision decision = services.decide(control.defaultModel());
      LOG.log(Level.INFO, "models.decided reason={0}", decision.reason());
      if (!decision.assumedPrices().isEmpty()) {
        LOG.log(
            Level.WARNING,
            "models.prices_assumed models={0} variable=LIBERCLAW_MODEL_PRICES",
            String.join(",", decision.assumedPrices().stream().map(OfferedModel::id).toList()));
      }
      return decision.upstreams();
    } catch (ConfigException e) {
      // What is wrong now may be put right while the server runs.
      LOG.log(Level.WARNING, "models.not_ready reason={0}", e.problems().getFirst());
      return Stream.concat(services.primary().stream(), services.fallbacks().stream()).toList();
    }
  }

  /** What all may see; of the activity, one's own too. */
  private void addPublic(Ground ground, Router router) {
    DSLContext sql = ground.sql();
    RelayLimits relay = ground.options().relay();
    new CatalogueRoutes(ground.control().catalogue(), ground.config().control().menu())
        .addTo(router);
    new NetworkRoutes(sql, ground.clock()).addTo(router);
    ActivityFeed feed = own(new ActivityFeed(sql, ground.notifications()));
    new ActivityRoutes(
            sql,
            feed,
            new ClientAddress(ground.config().signIn().trustedProxies()),
            ground.config().feed(),
            relay.keepalive(),
            relay.stallMax())
        .addTo(router);
    drains.add(feed::drain);
  }

  /** The ways to sign in that need somebody else: a wallet, Google, Apple, GitHub. */
  private static void addSignIn(Ground ground, SignIn signIn, Router router) {
    ApiConfig config = ground.config();
    DSLContext sql = ground.sql();
    Clock clock = ground.clock();
    WalletRoutes.of(config.signIn().frontend(), signIn, sql, clock).addTo(router);
    IdTokenRoutes.of(config.idTokens(), signIn, sql, clock).addTo(router);
    OAuthRoutes.of(config.oauth(), config.signIn(), signIn, sql, clock).addTo(router);
  }

  private void listen(ApiConfig config, Router router) {
    WebServer listener =
        Listener.of(config.host(), config.port(), PAYLOAD_BYTES_MAX, config.drain(), router, ERRORS)
            .build();
    parts.push(listener::stop);
    listener.start();
    if (!listener.isRunning()) {
      throw new StartException("Cannot listen on " + config.host() + ":" + config.port());
    }
    drains.forEach(parts::push);
    port = listener.port();
  }

  private void watch(
      Ground ground,
      Router router,
      OpenStreams streams,
      InferenceRoutes inference,
      Readiness readiness,
      SignIn signIn) {
    OperationsSettings settings = ground.config().operations();
    if (settings.accessLog()) {
      Operations.logAccess(router, signIn.addresses()::limitSubject);
    }
    if (settings.openApi()) {
      OpenApi.addTo(router);
    }
    settings
        .webDir()
        .ifPresent(directory -> {
          try {
            WebApp.of(directory).addTo(router);
          } catch (IOException e) {
            throw new StartException("LIBERCLAW_WEB_DIR cannot be read: " + e.getMessage());
          }
        });
    settings
        .adminPort()
        .ifPresent(wanted -> {
          requireFree(Operations.HOST, wanted);
          Operations operations =
              own(
                  Operations.start(
                      wanted,
                      router,
                      ground.database(),
                      ground.agents(),
                      ground.control().budgets(),
                      inference,
                      streams,
                      readiness,
                      ground.clock()));
          adminPort =
              operations
                  .port()
                  .orElseThrow(() ->
                      new StartException("Cannot listen on " + Operations.HOST + ":" + wanted));
        });
  }

  /** Where those on this machine reach a server that listens so. */
  static URI nearby(String host, int port) {
    String near =
        switch (host) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::" -> "::1";
          default -> host;
        };
    return URI.create("http://" + (near.contains(":") ? "[" + near + "]" : near) + ":" + port);
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

  private static Map<String, Readiness.Check> checks(
      PlatformDatabase database, ControlPlane control) {
    Map<String, Readiness.Check> checks = new LinkedHashMap<>();
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
        endpoint.address(),
        endpoint.instanceId(),
        endpoint.messagesWait());
  }
}
