package ai.liberclaw.deploy;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.Quotas;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.budget.LimitSettings;
import ai.liberclaw.deploy.host.proxy.ProxySettings;
import ai.liberclaw.deploy.inference.GatewaySettings;
import ai.liberclaw.deploy.model.ModelMenu;
import ai.liberclaw.deploy.model.ModelSettings;
import ai.liberclaw.deploy.pool.PoolSettings;
import ai.liberclaw.deploy.provider.container.ContainerSettings;
import ai.liberclaw.deploy.reconcile.ReconcileSettings;
import ai.liberclaw.deploy.release.ReleaseSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What configures the control plane, by the same names in every server that holds one.
 *
 * @param keys encrypts agents' secrets in the database
 * @param agentDir the agent's release; by default beside the server's own jar
 * @param providers those in use, the first for new agents
 * @param tierProviders provider by tier, where it is not the first
 * @param gateway where agents reach the gateway to models
 * @param agentDefaults variables of every agent, without secrets
 * @param services that run models, and search the web, for agents
 * @param creations how many agents may be created in a period
 * @param releases what runs on machines, and where it comes from
 * @param proxy how agents get public names on machines
 * @param containers the container engine of this machine, and what its containers may use
 * @param aleph machines of the Aleph network
 * @param pool machines that wait for agents
 * @param reconcile what is done about machines nobody owns
 * @param budgets what calls of models may cost
 */
public record ControlPlaneConfig(
    boolean devMode,
    Path dataDir,
    FernetKeys keys,
    Optional<Path> agentDir,
    List<String> providers,
    Map<String, String> tierProviders,
    Quotas quotas,
    String defaultModel,
    GatewaySettings gateway,
    Map<String, String> agentDefaults,
    ModelSettings services,
    CreationCaps.Limits creations,
    ReleaseSettings releases,
    ProxySettings proxy,
    ContainerSettings containers,
    AlephConfig aleph,
    PoolSettings pool,
    ReconcileSettings reconcile,
    LimitSettings budgets) {
  private static final List<String> PROVIDERS = List.of("process", "container", "aleph", "ssh");
  private static final int AGENTS_MAX = 1_000_000;

  /** A well-formed key that is nobody's: stands in until the reading ends with its problem. */
  private static final String NO_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  public ControlPlaneConfig {
    providers = List.copyOf(providers);
    tierProviders = Map.copyOf(tierProviders);
    agentDefaults = Map.copyOf(agentDefaults);
  }

  /** Reads the variables; problems are noted in the reader, whose owner ends the reading. */
  public static ControlPlaneConfig read(EnvReader env) {
    boolean devMode =
        env.flag(
            "LIBERCLAW_DEV_MODE",
            false,
            "for one's own machine: mail to the console, agents on loopback, missing secrets made");
    Path dataDir =
        Path.of(env.text("LIBERCLAW_DATA_DIR", "./data", "where agents of this machine live"));
    FernetKeys keys = keys(env);
    Optional<Path> agentDir =
        env.optional("LIBERCLAW_AGENT_DIR", "the agent's release (default: agent/ beside the jar)")
            .map(Path::of);
    List<String> providers = providers(env, devMode);
    Map<String, String> tiers = new LinkedHashMap<>();
    for (String tier : List.of("guest", "free", "pro")) {
      String name = "LIBERCLAW_PROVIDER_" + tier.toUpperCase(java.util.Locale.ROOT);
      env.optional(name, "provider of new agents of tier " + tier + " (default: the first)")
          .ifPresent(provider -> {
            if (!providers.contains(provider)) {
              env.problem(name, "must be one of LIBERCLAW_PROVIDERS");
            }
            tiers.put(tier, provider);
          });
    }
    Quotas quotas =
        new Quotas(quota(env, "GUEST", 1), quota(env, "FREE", 3), quota(env, "PRO", 20));
    ModelSettings services = ModelSettings.read(env, devMode);
    String defaultModel =
        env.text(
            "LIBERCLAW_DEFAULT_MODEL",
            services.offered().getFirst().id(),
            "model of agents created without one");
    GatewaySettings gateway = GatewaySettings.read(env, devMode);
    return new ControlPlaneConfig(
        devMode,
        dataDir,
        keys,
        agentDir,
        providers,
        tiers,
        quotas,
        defaultModel,
        gateway,
        AgentDefaults.read(env, services),
        services,
        CreationCaps.Limits.read(env),
        ReleaseSettings.read(env, dataDir, devMode),
        ProxySettings.read(env),
        ContainerSettings.read(env).reaching(gateway.containers()),
        AlephConfig.read(env),
        PoolSettings.read(env),
        ReconcileSettings.read(env),
        LimitSettings.read(env));
  }

  /** The models people may choose for their agents. */
  public ModelMenu menu() {
    return new ModelMenu(services.offered(), defaultModel);
  }

  /** Names of the variables that hold secrets, to be emptied in the server's environment block. */
  public static List<String> secretNames() {
    return Stream.of(
            List.of("LIBERCLAW_ENCRYPTION_KEY"),
            ModelSettings.secretNames(),
            AlephConfig.secretNames())
        .flatMap(List::stream)
        .toList();
  }

  private static FernetKeys keys(EnvReader env) {
    boolean unpadded =
        env.flag("LIBERCLAW_ACCEPT_UNPADDED_KEY", false, "accept a Fernet key of 43 characters");
    String ring =
        env.required(
            "LIBERCLAW_ENCRYPTION_KEY",
            "Fernet key for secrets in the database; current,old1,old2 while changing it");
    try {
      return FernetKeys.parse(ring.isEmpty() ? NO_KEY : ring, unpadded);
    } catch (IllegalArgumentException e) {
      env.problem("LIBERCLAW_ENCRYPTION_KEY", String.valueOf(e.getMessage()));
      return FernetKeys.parse(NO_KEY, false);
    }
  }

  private static List<String> providers(EnvReader env, boolean devMode) {
    List<String> fallback = List.of(devMode ? "process" : "aleph");
    List<String> providers =
        env.list(
            "LIBERCLAW_PROVIDERS",
            fallback,
            "where agents live, the first for new ones: " + String.join(", ", PROVIDERS));
    if (providers.isEmpty() || !PROVIDERS.containsAll(providers)) {
      env.problem("LIBERCLAW_PROVIDERS", "must name some of " + String.join(", ", PROVIDERS));
      return fallback;
    }
    return providers;
  }

  private static int quota(EnvReader env, String tier, int defaultValue) {
    return Math.toIntExact(
        env.integer(
            "LIBERCLAW_" + tier + "_MAX_AGENTS", defaultValue, 0, AGENTS_MAX, "agents at a time"));
  }
}
