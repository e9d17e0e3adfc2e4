package ai.liberclaw.deploy.model;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.model.ModelChoice;
import ai.liberclaw.core.model.ModelProvider;
import ai.liberclaw.core.secret.Mask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The model services of this installation, as the operator set them.
 *
 * @param provider which kind of the primary services is used, one of {@link
 *     ModelProvider#SETTINGS}; empty when all of them are
 * @param primary in the order in which they are asked
 * @param fallbacks asked after those
 * @param ollamaModel what Ollama is asked for when it lacks an agent's model; may be empty
 * @param search where the web is searched for agents
 * @param allowHosts services that may have private addresses: {@code host} or {@code host:port}
 */
public record ModelSettings(
    Optional<String> provider,
    List<Upstream> primary,
    List<Upstream> fallbacks,
    String ollamaModel,
    SearchSettings search,
    List<String> allowHosts) {
  private static final String UPSTREAMS = "LIBERCLAW_MODEL_UPSTREAMS";

  public ModelSettings {
    primary = List.copyOf(primary);
    fallbacks = List.copyOf(fallbacks);
    allowHosts = List.copyOf(allowHosts);
  }

  /**
   * Reads the variables; problems are noted in the reader.
   *
   * @param devMode allows services over http on this machine's loopback
   */
  public static ModelSettings read(EnvReader env, boolean devMode) {
    Optional<String> listed =
        env.optional(UPSTREAMS, "JSON: the model services in order, or a file that holds it");
    List<String> allowHosts =
        env.list(
            "LIBERCLAW_MODEL_ALLOW_HOSTS",
            List.of(),
            "model services in private networks: host or host:port");
    UpstreamAddress addresses = new UpstreamAddress(devMode, allowHosts);
    StandardUpstreams standard = StandardUpstreams.read(env, devMode, addresses);
    SearchSettings search = SearchSettings.read(env, standard.libertAi(), standard.libertAiKey());
    if (listed.isEmpty()) {
      return new ModelSettings(
          Optional.of(standard.provider()),
          standard.primary(),
          standard.fallbacks(),
          standard.ollamaModel(),
          search,
          allowHosts);
    }
    List<Upstream> upstreams = UpstreamJson.read(env, UPSTREAMS, listed.get(), addresses);
    return new ModelSettings(
        Optional.empty(), upstreams, List.of(), standard.ollamaModel(), search, allowHosts);
  }

  /** Names of the variables that hold keys. */
  public static List<String> secretNames() {
    return Stream.concat(ModelKeys.names().stream(), Stream.of(UPSTREAMS)).toList();
  }

  /** Has every key of the operator hidden in texts from now on. */
  public void hide(Mask mask) {
    Stream.of(
            primary.stream().map(Upstream::key),
            fallbacks.stream().map(Upstream::key),
            Stream.of(search.libertAiKey(), search.braveKey()))
        .flatMap(keys -> keys)
        .flatMap(Optional::stream)
        .forEach(mask::register);
  }

  /** Every model that is listed for a service, each once. */
  public List<OfferedModel> known() {
    Map<String, OfferedModel> known = new LinkedHashMap<>();
    Stream.concat(primary.stream(), fallbacks.stream())
        .flatMap(upstream -> upstream.models().stream())
        .forEach(model -> known.putIfAbsent(model.id(), model));
    return List.copyOf(known.values());
  }

  /** The models people may choose for their agents, in order; never empty. */
  public List<OfferedModel> offered() {
    Map<String, OfferedModel> offered = new LinkedHashMap<>();
    Stream.concat(primary.stream(), fallbacks.stream())
        .flatMap(upstream -> upstream.models().stream())
        .filter(OfferedModel::offered)
        .forEach(model -> offered.putIfAbsent(model.id(), model));
    return offered.isEmpty() ? StandardUpstreams.offered() : List.copyOf(offered.values());
  }

  /**
   * Decides which of the services are used, and why; asks Ollama when it comes to that, which takes
   * a second at most when nothing listens.
   *
   * @param model what most agents ask for
   */
  public Decision decide(String model) {
    List<Upstream> used = new ArrayList<>();
    String reason;
    if (provider.isEmpty()) {
      used.addAll(primary);
      reason = "Asking " + names(primary) + ", as LIBERCLAW_MODEL_UPSTREAMS says.";
    } else {
      ModelChoice choice = ModelChoice.of(choiceSettings(provider.get(), model));
      primary.stream()
          .filter(upstream -> upstream.kind().wireName().equals(choice.provider().wireName()))
          .forEach(used::add);
      if (choice.provider() == ModelProvider.ANTHROPIC) {
        // Its own API and the part of OpenAI's that it speaks beside it.
        primary.stream().filter(upstream -> !used.contains(upstream)).forEach(used::add);
      }
      reason = choice.reason();
    }
    used.addAll(fallbacks);
    return new Decision(used, reason);
  }

  /**
   * What is used from now on.
   *
   * @param upstreams in the order in which they are asked
   * @param reason one sentence for people
   */
  public record Decision(List<Upstream> upstreams, String reason) {
    public Decision {
      upstreams = List.copyOf(upstreams);
    }

    /** Models, each once, that are paid for by a price nobody has named. */
    public List<OfferedModel> assumedPrices() {
      Map<String, OfferedModel> assumed = new LinkedHashMap<>();
      upstreams.stream()
          .flatMap(upstream -> upstream.models().stream())
          .filter(OfferedModel::priceAssumed)
          .forEach(model -> assumed.putIfAbsent(model.id(), model));
      return List.copyOf(assumed.values());
    }
  }

  private ModelChoice.Settings choiceSettings(String wanted, String model) {
    boolean keyPresent =
        primary.stream()
            .anyMatch(
                upstream -> upstream.kind() == UpstreamKind.OPENAI && upstream.key().isPresent());
    // An operator may leave it to users to bring their keys, so its absence is no refusal here.
    boolean asked = wanted.equals(ModelProvider.OPENAI.wireName());
    String ollama =
        primary.stream()
            .filter(upstream -> upstream.kind() == UpstreamKind.OLLAMA)
            .map(upstream -> upstream.baseUrl().toString())
            .findFirst()
            .orElse(StandardUpstreams.OLLAMA);
    return new ModelChoice.Settings(wanted, keyPresent || asked, ollama, ollamaModel, model);
  }

  private static String names(List<Upstream> upstreams) {
    return String.join(", ", upstreams.stream().map(Upstream::name).toList());
  }
}
