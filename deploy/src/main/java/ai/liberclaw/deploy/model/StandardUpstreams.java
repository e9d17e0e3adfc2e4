package ai.liberclaw.deploy.model;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.model.ModelProvider;
import ai.liberclaw.deploy.budget.Price;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The services that the variables of the models name where they are not listed one by one.
 *
 * @param provider which of the primary ones is wanted
 */
record StandardUpstreams(
    String provider,
    List<Upstream> primary,
    List<Upstream> fallbacks,
    String ollamaModel,
    URI libertAi,
    Optional<String> libertAiKey) {
  static final String OLLAMA = "http://127.0.0.1:11434";
  private static final String ANTHROPIC = "https://api.anthropic.com";
  private static final String PRICES = "LIBERCLAW_MODEL_PRICES";
  private static final int FALLBACKS_MAX = 5;

  /** What agents ask LibertAI for that nobody chooses: pictures described, pictures made. */
  private static final List<String> HELPERS = List.of("claw-flash", "z-image-turbo");

  /** Nothing is sent there; an upstream has an address. */
  private static final URI NOWHERE = URI.create("offline:demo");

  /**
   * What LibertAI's models are taken to cost until the operator says better: rather too much than
   * too little, since budgets hold back by it.
   */
  private static final Map<String, Price> ASSUMED =
      Map.of(
          "qwen3-coder-next", assumed("0.30", "1.50"),
          "glm-4.7", assumed("0.60", "2.20"),
          "claw-flash", assumed("0.30", "1.50"),
          "z-image-turbo", new Price(0, 0, 0, PriceJson.nanodollars(new BigDecimal("0.03"))));

  private static Price assumed(String prompt, String completion) {
    long perToken = Price.perToken(new BigDecimal(prompt));
    return new Price(perToken, perToken, Price.perToken(new BigDecimal(completion)), 0);
  }

  static List<OfferedModel> offered() {
    return List.of(model("qwen3-coder-next", 96 * 1024), model("glm-4.7", 128 * 1024));
  }

  private static OfferedModel model(String id, int context) {
    return assumed(
        new OfferedModel(
            id,
            id,
            Optional.empty(),
            false,
            context,
            OfferedModel.ANSWER_TOKENS_DEFAULT,
            false,
            true));
  }

  private static OfferedModel assumed(OfferedModel model) {
    return Optional.ofNullable(ASSUMED.get(model.id())).map(model::withAssumed).orElse(model);
  }

  static StandardUpstreams read(EnvReader env, boolean devMode, UpstreamAddress addresses) {
    String provider =
        env.choice(
            "MODEL_PROVIDER",
            devMode ? ModelProvider.AUTO : ModelProvider.OPENAI.wireName(),
            ModelProvider.SETTINGS,
            "who runs the models of agents");
    Optional<String> libertAiKey =
        ModelKeys.read(env, "LIBERTAI_API_KEY", "key for the models agents call");
    Optional<String> anthropicKey =
        ModelKeys.read(
            env,
            "ANTHROPIC_API_KEY",
            "key for the models agents call with MODEL_PROVIDER anthropic");
    URI libertAi =
        address(
            env,
            "LIBERCLAW_LIBERTAI_API_BASE_URL",
            "https://api.libertai.io/v1",
            "where models of the OpenAI kind answer",
            UpstreamKind.OPENAI,
            addresses);
    URI ollama =
        address(
            env,
            "OLLAMA_BASE_URL",
            OLLAMA,
            "an Ollama other than this machine's own",
            UpstreamKind.OLLAMA,
            addresses);
    URI anthropic =
        address(
            env,
            "ANTHROPIC_BASE_URL",
            ANTHROPIC,
            "where models of the Anthropic kind answer",
            UpstreamKind.ANTHROPIC,
            addresses);
    String anthropicModel =
        env.text("ANTHROPIC_MODEL", "", "model of MODEL_PROVIDER anthropic, instead of the agent's")
            .strip();
    String ollamaModel =
        env.text("OLLAMA_MODEL", "", "model asked of Ollama when the agent's is not installed")
            .strip();
    Map<String, Price> prices = prices(env);
    Parts parts =
        new Parts(libertAi, libertAiKey, ollama, anthropic, anthropicKey, anthropicModel, prices);
    return new StandardUpstreams(
        provider,
        parts.primary(provider),
        parts.fallbacks(env),
        ollamaModel,
        libertAi,
        libertAiKey);
  }

  private record Parts(
      URI libertAi,
      Optional<String> libertAiKey,
      URI ollama,
      URI anthropic,
      Optional<String> anthropicKey,
      String anthropicModel,
      Map<String, Price> prices) {
    List<Upstream> primary(String provider) {
      return switch (provider) {
        case "openai" -> List.of(libertAiUpstream());
        case "ollama" -> List.of(ollamaUpstream("ollama", ""));
        case "anthropic" -> anthropicUpstreams("anthropic", anthropicModel);
        case "offline" -> List.of(offlineUpstream("offline"));
        default ->
            List.of(libertAiUpstream(), ollamaUpstream("ollama", ""), offlineUpstream("offline"));
      };
    }

    /** Each answers whatever was asked for, with its own model. */
    List<Upstream> fallbacks(EnvReader env) {
      String name = "MODEL_FALLBACKS";
      List<String> given =
          env.list(name, List.of(), "models asked when the provider fails: provider:model,…");
      List<Upstream> fallbacks = new ArrayList<>();
      for (String text : given) {
        int colon = text.indexOf(':');
        String model = colon < 0 ? "" : text.substring(colon + 1).strip();
        Optional<UpstreamKind> kind =
            UpstreamKind.of(colon < 0 ? text : text.substring(0, colon).strip());
        boolean named = !model.isEmpty() || kind.equals(Optional.of(UpstreamKind.OFFLINE));
        if (kind.isEmpty() || !named) {
          env.problem(name, "must be a list of provider:model");
          return List.of();
        }
        String label = "fallback-" + (fallbacks.size() + 1);
        switch (kind.get()) {
          case OPENAI -> fallbacks.add(libertAi(label, List.of(), Optional.of(others(model))));
          case OLLAMA -> fallbacks.add(ollamaUpstream(label, model));
          case ANTHROPIC -> fallbacks.addAll(anthropicUpstreams(label, model));
          case OFFLINE -> fallbacks.add(offlineUpstream(label));
        }
      }
      if (given.size() > FALLBACKS_MAX) {
        env.problem(name, "must name at most " + FALLBACKS_MAX + " models");
      }
      return fallbacks;
    }

    private Upstream libertAiUpstream() {
      Map<String, OfferedModel> models = new LinkedHashMap<>();
      offered()
          .forEach(
              model -> models.put(model.id(), price(model.id()).map(model::with).orElse(model)));
      for (String id : HELPERS) {
        OfferedModel helper = OfferedModel.hidden(id, id, Optional.empty());
        models.put(id, price(id).map(helper::with).orElseGet(() -> assumed(helper)));
      }
      prices.forEach(
          (id, price) -> models.putIfAbsent(id, OfferedModel.hidden(id, id, Optional.of(price))));
      return libertAi("libertai", List.copyOf(models.values()), Optional.empty());
    }

    private Upstream libertAi(
        String name, List<OfferedModel> models, Optional<Upstream.Others> others) {
      return new Upstream(
          name,
          UpstreamKind.OPENAI,
          libertAi,
          libertAiKey,
          true,
          models,
          others,
          Upstream.Times.STANDARD,
          Upstream.CONCURRENCY_DEFAULT,
          Upstream.ANSWER_FIELD);
    }

    private Upstream ollamaUpstream(String name, String model) {
      return new Upstream(
          name,
          UpstreamKind.OLLAMA,
          ollama,
          Optional.empty(),
          false,
          List.of(),
          Optional.of(new Upstream.Others(model, Optional.of(Price.FREE))),
          Upstream.Times.STANDARD,
          Upstream.CONCURRENCY_DEFAULT,
          Upstream.ANSWER_FIELD);
    }

    /** Its own API, and what it has of OpenAI's at the same place, which agents speak too. */
    private List<Upstream> anthropicUpstreams(String name, String model) {
      return List.of(
          anthropic(name, UpstreamKind.ANTHROPIC, anthropic, model),
          anthropic(name + "-openai", UpstreamKind.OPENAI, URI.create(anthropic + "/v1"), model));
    }

    private Upstream anthropic(String name, UpstreamKind kind, URI address, String model) {
      return new Upstream(
          name,
          kind,
          address,
          anthropicKey,
          false,
          List.of(),
          Optional.of(others(model)),
          Upstream.Times.STANDARD,
          Upstream.CONCURRENCY_DEFAULT,
          Upstream.ANSWER_FIELD);
    }

    private static Upstream offlineUpstream(String name) {
      return new Upstream(
          name,
          UpstreamKind.OFFLINE,
          NOWHERE,
          Optional.empty(),
          false,
          List.of(),
          Optional.of(new Upstream.Others("offline-demo", Optional.of(Price.FREE))),
          Upstream.Times.STANDARD,
          Upstream.CONCURRENCY_DEFAULT,
          Upstream.ANSWER_FIELD);
    }

    private Upstream.Others others(String model) {
      return new Upstream.Others(model, price(model));
    }

    private Optional<Price> price(String model) {
      return Optional.ofNullable(prices.get(model));
    }
  }

  private static URI address(
      EnvReader env,
      String name,
      String defaultValue,
      String meaning,
      UpstreamKind kind,
      UpstreamAddress addresses) {
    Optional<URI> address = addresses.of(env.text(name, defaultValue, meaning), kind);
    if (address.isEmpty()) {
      env.problem(name, UpstreamAddress.RULE);
    }
    return address.orElse(URI.create(defaultValue));
  }

  private static Map<String, Price> prices(EnvReader env) {
    Map<String, Price> prices = new LinkedHashMap<>();
    Optional<String> text =
        env.optional(
            PRICES, "JSON: {\"<model>\":{\"prompt\",\"cached\",\"completion\"}}, USD per million");
    if (text.isEmpty()) {
      return prices;
    }
    try {
      if (Json.parse(text.get()) instanceof ObjectNode object) {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
          Optional<Price> price = PriceJson.read(entry.getValue());
          if (price.isEmpty()) {
            env.problem(PRICES, "must give each model its prices as numbers of USD");
            return prices;
          }
          prices.put(entry.getKey(), price.get());
        }
        return prices;
      }
    } catch (JsonException _) {
      // Told below.
    }
    env.problem(PRICES, "must be a JSON object");
    return prices;
  }
}
