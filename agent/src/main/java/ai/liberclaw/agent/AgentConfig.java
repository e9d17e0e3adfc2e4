package ai.liberclaw.agent;

import ai.liberclaw.agent.auth.Secret;
import ai.liberclaw.agent.browser.BrowserSettings;
import ai.liberclaw.agent.context.ContextLimits;
import ai.liberclaw.agent.context.Surroundings;
import ai.liberclaw.agent.mcp.McpSettings;
import ai.liberclaw.agent.model.ModelSettings;
import ai.liberclaw.agent.policy.PolicySettings;
import ai.liberclaw.agent.sandbox.SandboxSettings;
import ai.liberclaw.agent.telegram.TelegramSettings;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.agent.webchat.WebSettings;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.log.Logging;
import ai.liberclaw.core.sse.SseWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How one agent is set up. Read once at start; nothing else looks at the environment.
 *
 * @param release what whoever deployed the agent calls the build that runs
 * @param configFile the file that some of this was read from
 * @param environment all variables, from which tools get a harmless few
 * @param secrets values that must appear in no output
 */
public record AgentConfig(
    String name,
    String systemPrompt,
    Secret secret,
    Listen listen,
    Path dbPath,
    Optional<Path> configFile,
    Path workspace,
    ModelSettings model,
    Turns turns,
    PolicySettings permissions,
    ContextLimits context,
    Proactive proactive,
    List<String> netAllowHosts,
    Optional<String> braveKey,
    RecallSettings recall,
    TelegramSettings telegram,
    Surroundings surroundings,
    Optional<String> release,
    Optional<String> fqdn,
    SandboxSettings sandbox,
    McpSettings mcp,
    WebSettings web,
    BrowserSettings browser,
    Map<String, String> environment,
    List<String> secrets) {
  public AgentConfig {
    netAllowHosts = List.copyOf(netAllowHosts);
    environment = Map.copyOf(environment);
    secrets = List.copyOf(secrets);
  }

  /** Variables whose values are emptied in the process environment once they are read. */
  static final List<String> SECRET_NAMES =
      List.of(
          "AGENT_SECRET",
          "AGENT_SECRET_HASH",
          "LIBERTAI_API_KEY",
          "ANTHROPIC_API_KEY",
          "BRAVE_API_KEY",
          TelegramSettings.TOKEN_VARIABLE,
          "MCP_SERVERS",
          "MCP_SERVERS_B64");

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final String PROMPT_DEFAULT =
      "You are a helpful assistant. Be direct, and say what you do not know.";

  /**
   * Where the server listens and how its streams behave.
   *
   * @param stallMax how long a reader of a stream may take nothing before it is dropped
   */
  public record Listen(
      String host, int port, Duration keepalive, Duration stallMax, Duration shutdownGrace) {}

  /** The bounds of a turn. */
  public record Turns(int stepsMax, Duration timeMax, TurnEngine.Concurrency concurrency) {}

  /** What the agent does unasked; an interval of zero is never. */
  public record Proactive(Duration heartbeat, Optional<String> ownerChatId) {}

  /**
   * Reads all variables; problems are left in the reader.
   *
   * @param environment the process's own, and what files add to it
   */
  static AgentConfig read(EnvReader read, Map<String, String> environment) {
    String name = read.text("AGENT_NAME", "Agent", "display name");
    String prompt = read.text("SYSTEM_PROMPT", PROMPT_DEFAULT, "the owner's instructions");
    String decoded =
        read.optional("SYSTEM_PROMPT_B64", "the same in base64, for files that hold no line breaks")
            .flatMap(SystemPrompt::decode)
            .orElse(prompt);
    Optional<String> plain = read.optional("AGENT_SECRET", "secret that callers present");
    Optional<String> hash =
        read.optional("AGENT_SECRET_HASH", "its SHA-256 in lower-case hex, instead of it");
    Secret secret = secret(read, plain, hash);
    Listen listen =
        new Listen(
            read.text("HOST", "127.0.0.1", "address to listen on"),
            (int) read.integer("PORT", 8080, 0, 65_535, "port to listen on; 0 takes a free one"),
            read.seconds("KEEPALIVE_INTERVAL", 15, 1, "silence before a stream's sign of life"),
            SseWriter.STALL_MAX,
            read.seconds("SHUTDOWN_GRACE", 8, 0, "time that running turns get at a stop"));
    read.choice(Logging.FORMAT_VARIABLE, "text", Logging.FORMATS, "form of log lines");
    Path db = Path.of(read.text("DB_PATH", "agent.db", "SQLite file"));
    Optional<Path> configFile =
        read.optional(Environment.CONFIG_FILE, "JSON file with more of these, as strings")
            .map(Path::of);
    Path workspace =
        Path.of(read.text("WORKSPACE_PATH", "/opt/baal-agent/workspace", "workspace folder"));
    ModelSettings model = ModelSettings.fromEnv(read);
    Turns turns =
        new Turns(
            (int) read.integer("MAX_TOOL_ITERATIONS", 50, 1, 10_000, "model calls for one message"),
            read.seconds("TURN_TIMEOUT", 3600, 1, "time for one message"),
            concurrency(read));
    Optional<String> brave = read.optional("BRAVE_API_KEY", "key of Brave Search, for web_search");
    Proactive proactive =
        new Proactive(
            read.seconds("HEARTBEAT_INTERVAL", 1800, 0, "time between heartbeats; 0 is off"),
            read.optional("OWNER_CHAT_ID", "chat that hears of heartbeats"));
    McpSettings mcp = McpSettings.fromEnv(read);
    RecallSettings recall =
        RecallSettings.fromEnv(read, model, brave.orElse(""), proactive.ownerChatId().orElse(""));
    TelegramSettings telegram = TelegramSettings.fromEnv(read, recall.owner().telegramId());
    return new AgentConfig(
        name,
        decoded,
        secret,
        listen,
        db,
        configFile,
        workspace,
        model,
        turns,
        PolicySettings.fromEnv(read),
        context(read, model),
        proactive,
        read.list("NET_ALLOW_HOSTS", List.of(), "hosts exempt from the private-address block"),
        brave,
        recall,
        telegram,
        surroundings(read),
        read.optional("AGENT_RELEASE", "what /health calls this build (default: its version)"),
        read.optional("AGENT_FQDN", "public host name"),
        SandboxSettings.fromEnv(read),
        mcp,
        WebSettings.fromEnv(read),
        BrowserSettings.fromEnv(read),
        environment,
        Stream.concat(
                Stream.of(
                        plain,
                        hash,
                        brave,
                        Optional.of(telegram.token()),
                        Optional.of(model.apiKey()),
                        Optional.of(model.anthropic().apiKey()))
                    .flatMap(Optional::stream),
                mcp.secrets().stream())
            .filter(value -> !value.isEmpty())
            .toList());
  }

  private static Secret secret(EnvReader read, Optional<String> plain, Optional<String> hash) {
    if (hash.isPresent()) {
      if (SHA256.matcher(hash.get().strip()).matches()) {
        return Secret.ofHash(hash.get().strip());
      }
      read.problem("AGENT_SECRET_HASH", "must be 64 lower-case hexadecimal digits");
    } else if (plain.isEmpty()) {
      read.problem("AGENT_SECRET", "is required (or AGENT_SECRET_HASH)");
    }
    return Secret.of(plain.map(String::strip).orElse(""));
  }

  private static ContextLimits context(EnvReader read, ModelSettings model) {
    int rows = (int) read.integer("MAX_HISTORY", 100, 1, 100_000, "rows of history per request");
    int keep =
        (int)
            read.integer(
                "COMPACTION_KEEP_MESSAGES", 20, 1, 10_000, "newest rows that a summary leaves");
    double threshold =
        read.decimal(
            "COMPACTION_THRESHOLD",
            ContextLimits.THRESHOLD_DEFAULT,
            0.1,
            1.0,
            "share of the window at which history is summarised");
    int keepMin =
        (int)
            read.integer(
                "COMPACTION_KEEP_MIN",
                ContextLimits.KEEP_ROWS_MIN_DEFAULT,
                1,
                10_000,
                "the same under pressure");
    return new ContextLimits(
        model.windows().of(model.model()).orElse(ContextLimits.windowTokensOf(model.model())),
        model.windows().reserve(),
        rows,
        threshold,
        keepMin,
        keep);
  }

  private static TurnEngine.Concurrency concurrency(EnvReader read) {
    String choice =
        read.choice(
            "CHAT_CONCURRENCY",
            "queue",
            List.of("queue", "supersede"),
            "what a message does while another one runs");
    return choice.equals("supersede")
        ? TurnEngine.Concurrency.SUPERSEDE
        : TurnEngine.Concurrency.QUEUE;
  }

  private static Surroundings surroundings(EnvReader read) {
    boolean container =
        Files.exists(Path.of("/.dockerenv")) || Files.exists(Path.of("/run/.containerenv"));
    return Surroundings.of(
        read.choice(
            "AGENT_RUNTIME",
            container ? "container" : "process",
            List.of("process", "container", "aleph", "ssh"),
            "where the agent runs"));
  }
}
