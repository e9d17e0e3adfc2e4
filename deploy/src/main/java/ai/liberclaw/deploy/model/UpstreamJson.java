package ai.liberclaw.deploy.model;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.budget.Price;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Model services as an operator lists them: an array of {@code {"name", "kind", "base_url", "key" |
 * "key_file", "owner_keys", "concurrency", "timeouts": {"connect", "silence", "total"},
 * "answer_field", "models": [{"id", "as", "price", "context", "answer", "vision", "offered"}],
 * "others": {"as", "price"}}}.
 */
final class UpstreamJson {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,39}");
  private static final int UPSTREAMS_MAX = 32;
  private static final int MODELS_MAX = 500;
  private static final int MODEL_NAME_MAX = 200;
  private static final int TOKENS_MAX = 100_000_000;
  private static final int CONCURRENCY_MAX = 100_000;
  private static final int SECONDS_MAX = 24 * 3600;
  private static final Set<String> FIELDS =
      Set.of(
          "name",
          "kind",
          "base_url",
          "key",
          "key_file",
          "owner_keys",
          "concurrency",
          "timeouts",
          "models",
          "others",
          "answer_field");
  private static final Set<String> MODEL_FIELDS =
      Set.of("id", "as", "price", "context", "answer", "vision", "offered");

  /** What is wrong, without a value of the configuration. */
  private static final class Wrong extends RuntimeException {
    Wrong(String problem) {
      super(problem, null, false, false);
    }
  }

  private final UpstreamAddress addresses;

  private UpstreamJson(UpstreamAddress addresses) {
    this.addresses = addresses;
  }

  /**
   * Reads them; a problem is noted under the variable's name, and then nothing is given.
   *
   * @param value the JSON, or the name of a file that holds it
   */
  static List<Upstream> read(EnvReader env, String name, String value, UpstreamAddress addresses) {
    try {
      String text = value.strip();
      if (!text.startsWith("[")) {
        text =
            ModelKeys.content(text)
                .orElseThrow(() -> new Wrong("is neither a JSON array nor a file to be read"));
      }
      return new UpstreamJson(addresses).upstreams(Json.parse(text));
    } catch (JsonException _) {
      env.problem(name, "is not JSON");
    } catch (Wrong e) {
      env.problem(name, String.valueOf(e.getMessage()));
    }
    return List.of();
  }

  private List<Upstream> upstreams(JsonNode json) {
    if (!json.isArray() || json.isEmpty() || json.size() > UPSTREAMS_MAX) {
      throw new Wrong("must be an array of 1 to " + UPSTREAMS_MAX + " services");
    }
    List<Upstream> upstreams = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonNode entry : json) {
      Upstream upstream = upstream(entry, "service " + (upstreams.size() + 1) + ": ");
      if (!names.add(upstream.name())) {
        throw new Wrong("names two services alike");
      }
      upstreams.add(upstream);
    }
    return upstreams;
  }

  private Upstream upstream(JsonNode json, String where) {
    requireFields(json, FIELDS, where);
    String name = text(json, "name", where);
    if (!NAME.matcher(name).matches()) {
      throw new Wrong(where + "name must be short, of a-z, 0-9, dots and dashes");
    }
    UpstreamKind kind =
        UpstreamKind.of(text(json, "kind", where))
            .orElseThrow(
                () -> new Wrong(where + "kind must be openai, ollama, anthropic or offline"));
    URI address =
        kind == UpstreamKind.OFFLINE
            ? URI.create("offline:demo")
            : addresses
                .of(text(json, "base_url", where), kind)
                .orElseThrow(() -> new Wrong(where + "base_url " + UpstreamAddress.RULE));
    List<OfferedModel> models = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (JsonNode model : array(json, "models", where)) {
      OfferedModel offered = model(model, kind, where);
      if (!ids.add(offered.id())) {
        throw new Wrong(where + "names two models alike");
      }
      models.add(offered);
    }
    Optional<Upstream.Others> others = others(json, kind, where);
    if (models.isEmpty() && others.isEmpty()) {
      throw new Wrong(where + "has neither models nor others");
    }
    return new Upstream(
        name,
        kind,
        address,
        key(json, where),
        flag(json, "owner_keys", where, false),
        models,
        others,
        times(json, where),
        number(json, "concurrency", where, Upstream.CONCURRENCY_DEFAULT, CONCURRENCY_MAX),
        answerField(json, where));
  }

  private static String answerField(JsonNode json, String where) {
    String field =
        json.has("answer_field") ? text(json, "answer_field", where) : Upstream.ANSWER_FIELD;
    if (!field.equals(Upstream.ANSWER_FIELD) && !field.equals(Upstream.NEWER_ANSWER_FIELD)) {
      throw new Wrong(where + "answer_field must be max_tokens or max_completion_tokens");
    }
    return field;
  }

  private static OfferedModel model(JsonNode json, UpstreamKind kind, String where) {
    requireFields(json, MODEL_FIELDS, where + "a model ");
    String id = text(json, "id", where + "a model's ");
    if (id.length() > MODEL_NAME_MAX) {
      throw new Wrong(where + "a model's id is longer than " + MODEL_NAME_MAX);
    }
    return new OfferedModel(
        id,
        json.has("as") ? text(json, "as", where) : id,
        price(json, kind, where),
        false,
        number(json, "context", where, 0, TOKENS_MAX),
        number(json, "answer", where, OfferedModel.ANSWER_TOKENS_DEFAULT, TOKENS_MAX),
        flag(json, "vision", where, false),
        flag(json, "offered", where, true));
  }

  private static Optional<Upstream.Others> others(JsonNode json, UpstreamKind kind, String where) {
    JsonNode others = json.path("others");
    if (others.isMissingNode()) {
      return Optional.empty();
    }
    requireFields(others, Set.of("as", "price"), where + "others ");
    String asked = others.has("as") ? text(others, "as", where) : "";
    return Optional.of(new Upstream.Others(asked, price(others, kind, where)));
  }

  private static Optional<Price> price(JsonNode json, UpstreamKind kind, String where) {
    if (json.has("price")) {
      return Optional.of(
          PriceJson.read(json.path("price"))
              .orElseThrow(
                  () -> new Wrong(where + "a price must have numbers of USD: prompt, completion")));
    }
    boolean own = kind == UpstreamKind.OLLAMA || kind == UpstreamKind.OFFLINE;
    return own ? Optional.of(Price.FREE) : Optional.empty();
  }

  private static Optional<String> key(JsonNode json, String where) {
    if (json.has("key") && json.has("key_file")) {
      throw new Wrong(where + "has both key and key_file");
    }
    if (json.has("key_file")) {
      return Optional.of(
          ModelKeys.content(text(json, "key_file", where))
              .map(String::strip)
              .filter(key -> !key.isEmpty())
              .orElseThrow(() -> new Wrong(where + "key_file cannot be read")));
    }
    return json.has("key") ? Optional.of(text(json, "key", where).strip()) : Optional.empty();
  }

  private static Upstream.Times times(JsonNode json, String where) {
    JsonNode times = json.path("timeouts");
    if (times.isMissingNode()) {
      return Upstream.Times.STANDARD;
    }
    requireFields(times, Set.of("connect", "silence", "total"), where + "timeouts ");
    Upstream.Times usual = Upstream.Times.STANDARD;
    return new Upstream.Times(
        seconds(times, "connect", where, usual.connect()),
        seconds(times, "silence", where, usual.silence()),
        seconds(times, "total", where, usual.total()));
  }

  private static Duration seconds(JsonNode json, String name, String where, Duration usual) {
    return Duration.ofSeconds(number(json, name, where, (int) usual.toSeconds(), SECONDS_MAX));
  }

  private static void requireFields(JsonNode json, Set<String> known, String where) {
    if (!json.isObject()) {
      throw new Wrong(where + "must be an object");
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!known.contains(field.getKey())) {
        throw new Wrong(where + "has a field that is not known; there are " + sorted(known));
      }
    }
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }

  private static JsonNode array(JsonNode json, String name, String where) {
    JsonNode array = json.path(name);
    if (!array.isMissingNode() && (!array.isArray() || array.size() > MODELS_MAX)) {
      throw new Wrong(where + name + " must be an array of at most " + MODELS_MAX);
    }
    return array;
  }

  private static String text(JsonNode json, String name, String where) {
    @Nullable String text = json.path(name).textValue();
    if (text == null || text.isBlank()) {
      throw new Wrong(where + name + " is missing");
    }
    return text;
  }

  private static boolean flag(JsonNode json, String name, String where, boolean usual) {
    JsonNode flag = json.path(name);
    if (!flag.isMissingNode() && !flag.isBoolean()) {
      throw new Wrong(where + name + " must be true or false");
    }
    return flag.asBoolean(usual);
  }

  private static int number(JsonNode json, String name, String where, int usual, int max) {
    JsonNode number = json.path(name);
    if (number.isMissingNode()) {
      return usual;
    }
    if (!number.canConvertToInt() || number.intValue() < 1 || number.intValue() > max) {
      throw new Wrong(where + name + " must be a whole number from 1 to " + max);
    }
    return number.intValue();
  }
}
