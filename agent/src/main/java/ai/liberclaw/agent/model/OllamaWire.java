package ai.liberclaw.agent.model;

import ai.liberclaw.core.model.Ollama;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;

/** Ollama's own chat API, {@code POST /api/chat} (its docs/api.md). */
final class OllamaWire implements Wire {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** A large model takes minutes to load, and nothing is heard until it is there. */
  private static final Duration LOADING_MAX = Duration.ofMinutes(5);

  private static final int NAMED_MODELS_MAX = 20;

  private final Ollama server;
  private final OllamaSettings settings;
  private final URI endpoint;
  private final String model;
  private final OptionalInt contextWanted;
  private final Optional<Semaphore> turnstile;

  /** Empty until the server has answered once. */
  private volatile Optional<Ollama.Abilities> abilities;

  /**
   * Asks the server what the model can do; when it does not answer now, later.
   *
   * @param contextWanted tokens that the owner set for this model
   */
  OllamaWire(OllamaSettings settings, String model, OptionalInt contextWanted) {
    this.server = new Ollama(settings.baseUrl());
    this.settings = settings;
    this.endpoint = URI.create(settings.baseUrl() + "/api/chat");
    this.model = model;
    this.contextWanted = contextWanted;
    this.turnstile = Optional.of(new Semaphore(settings.parallel(), true));
    this.abilities = server.abilities(model);
  }

  /** Has the server load the model, in the background; whether it does is its own business. */
  void preload() {
    byte[] body = OllamaRequest.preload(model, contextTokens(), settings.keepAlive());
    Thread.ofVirtual().name("ollama-preload").start(() -> server.load(body, LOADING_MAX));
  }

  @Override
  public String provider() {
    return "ollama";
  }

  @Override
  public URI endpoint() {
    return endpoint;
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("Accept", "application/x-ndjson, application/json");
  }

  @Override
  public byte[] body(ModelRequest request, Mode mode) {
    if (abilities.isEmpty()) {
      abilities = server.abilities(model);
    }
    boolean tools = abilities.map(known -> known.can("tools")).orElse(true);
    return OllamaRequest.bytes(
        model,
        request,
        new Mode(mode.streaming(), mode.tools() && tools),
        contextTokens(),
        settings.keepAlive());
  }

  /** One line or many, each is a document of its own. */
  @Override
  public boolean isFramed(String contentType, Mode mode) {
    return true;
  }

  @Override
  public Frames frames(InputStream in, int frameBytesMax) {
    return new NdjsonFrames(in, frameBytesMax);
  }

  @Override
  public Answer answer(ReplyListener listener) {
    return new OllamaAnswer(listener);
  }

  @Override
  public Failure refusal(int status, String body, OptionalLong retryAfterSeconds, Mode mode) {
    String words = body.toLowerCase(Locale.ROOT);
    if (status == 404) {
      return Failure.rejected(missing(), "status 404", Mode.Remedy.NONE);
    }
    if (status == 400 && words.contains("does not support tools")) {
      return Failure.rejected(
          "The AI model " + model + " cannot use tools.",
          "status 400, no tools",
          Mode.Remedy.WITHOUT_TOOLS);
    }
    return Failure.status(status, body, retryAfterSeconds);
  }

  private String missing() {
    List<String> installed = server.installed().orElse(List.of());
    String names =
        installed.isEmpty()
            ? ""
            : " Installed: "
                + String.join(", ", installed.stream().limit(NAMED_MODELS_MAX).toList())
                + (installed.size() > NAMED_MODELS_MAX ? ", …" : "")
                + ".";
    return "Ollama does not have the AI model "
        + model
        + ". Get it with: ollama pull "
        + model
        + "."
        + names;
  }

  @Override
  public Duration connectMax() {
    return CONNECT_TIMEOUT;
  }

  @Override
  public Duration silenceMax(Duration configured) {
    return configured.compareTo(LOADING_MAX) > 0 ? configured : LOADING_MAX;
  }

  @Override
  public Optional<Semaphore> turnstile() {
    return turnstile;
  }

  @Override
  public OptionalInt windowTokens() {
    return OptionalInt.of(contextTokens());
  }

  @Override
  public Optional<Boolean> sees() {
    return abilities.map(known -> known.can("vision"));
  }

  /**
   * What the server is told, always: by itself it would take a small one and drop the beginning of
   * what does not fit, without a word.
   */
  private int contextTokens() {
    int wanted = contextWanted.orElse(settings.contextTokensMax());
    int most = abilities.map(known -> known.contextTokens().orElse(wanted)).orElse(wanted);
    return Math.min(wanted, most);
  }
}
