package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.budget.Spender;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.model.DemoModel;
import ai.liberclaw.deploy.model.ModelMenu;
import ai.liberclaw.deploy.model.ModelSettings;
import ai.liberclaw.deploy.model.OfferedModel;
import ai.liberclaw.deploy.model.Upstream;
import ai.liberclaw.deploy.model.UpstreamClient;
import ai.liberclaw.deploy.model.UpstreamKind.Api;
import ai.liberclaw.deploy.model.Upstreams;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code /inference}: what agents ask models for, in the words of OpenAI's API below {@code /v1}
 * and of Anthropic's below {@code /anthropic}. An agent's own token opens it, and nothing else
 * does.
 */
public final class InferenceRoutes implements AutoCloseable {
  /** Everything at and below this path takes agents' tokens. */
  public static final String PATH = "/api/v1/inference";

  private static final String ANTHROPIC = PATH + "/anthropic";
  private static final String BEARER = "Bearer ";
  private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Bearer");

  private final AgentTokens tokens;
  private final Gateway gateway;
  private final OpenCalls calls;
  private final ModelMenu menu;
  private final WebSearch search;

  /**
   * @param upstreams those in use
   * @param menu what people may choose for their agents
   * @param keys that agents' tokens are signed under
   * @param demo answers where there is no other model
   */
  public InferenceRoutes(
      ModelSettings settings,
      List<Upstream> upstreams,
      ModelMenu menu,
      FernetKeys keys,
      Budgets budgets,
      Optional<DemoModel> demo,
      InferenceLimits limits,
      Clock clock) {
    Mask mask = new Mask();
    settings.hide(mask);
    this.tokens = new AgentTokens(keys);
    this.menu = menu;
    this.calls = new OpenCalls(limits.callsPerAgent());
    this.gateway =
        new Gateway(
            new Upstreams(upstreams, clock),
            new UpstreamClient(upstreams, settings.allowHosts(), demo),
            budgets,
            settings.ollamaModel(),
            mask,
            limits,
            new InferenceCounts(),
            new StreamHeads(limits.headWait()),
            ConcurrentHashMap.newKeySet());
    this.search = new WebSearch(settings.search(), settings.allowHosts());
  }

  public void addTo(Router router) {
    router
        .errorsBelow(ANTHROPIC, ErrorShape.ANTHROPIC)
        .errorsBelow(PATH, ErrorShape.OPENAI)
        .post(PATH + "/v1/chat/completions", exchange -> model(exchange, Api.CHAT))
        .post(PATH + "/v1/embeddings", exchange -> model(exchange, Api.EMBEDDINGS))
        .post(PATH + "/v1/images/generations", exchange -> model(exchange, Api.PICTURES))
        .get(PATH + "/v1/models", this::models)
        .post(ANTHROPIC + "/v1/messages", exchange -> model(exchange, Api.MESSAGES))
        .post(PATH + "/search", this::search);
  }

  /** Takes no more calls, and ends the open ones. */
  public void drain() {
    calls.drain();
  }

  @Override
  public void close() {
    gateway.client().close();
  }

  public InferenceCounts counts() {
    return gateway.counts();
  }

  /** Names of the services in use. */
  public List<String> services() {
    return gateway.upstreams().all().stream().map(Upstream::name).toList();
  }

  /** Whether a service is left alone for now. */
  public boolean isResting(String service) {
    return gateway.upstreams().rests(service);
  }

  private void model(Exchange exchange, Api api) throws IOException {
    AgentToken caller = caller(exchange);
    try (OpenCalls.Call call = calls.open(caller.agentId())) {
      CallBody body = CallBody.of(exchange.body(gateway.limits().bodyBytesMax()));
      ModelCall asked = new ModelCall(gateway, exchange, call, api, body);
      if (body.streams()) {
        asked.run(spender(caller));
        return;
      }
      try (Exchange.Attendance _ = exchange.attend(call::callerLeft)) {
        asked.run(spender(caller));
      }
    }
  }

  private void search(Exchange exchange) throws IOException, InterruptedException {
    AgentToken caller = caller(exchange);
    try (OpenCalls.Call call = calls.open(caller.agentId())) {
      WebSearch.Query query = WebSearch.Query.of(exchange.body(WebSearch.BODY_BYTES_MAX));
      JsonNode found;
      try (Exchange.Attendance _ = exchange.attend(call::callerLeft)) {
        found = search.run(query, gateway, spender(caller), call);
      }
      exchange.send(found);
    }
  }

  /** What can be asked for by name: what people choose from, then the rest. */
  private void models(Exchange exchange) {
    gateway.requireKnown(spender(caller(exchange)));
    Map<String, OfferedModel> all = new LinkedHashMap<>();
    menu.models().forEach(model -> all.put(model.id(), model));
    gateway.upstreams().models().forEach(model -> all.putIfAbsent(model.id(), model));
    ObjectNode list = Json.object().put("object", "list");
    ArrayNode data = list.putArray("data");
    all.keySet()
        .forEach(id ->
            data.addObject()
                .put("id", id)
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "liberclaw"));
    exchange.send(list);
  }

  /** Whoever the token says; whether that still holds is seen in the database. */
  private AgentToken caller(Exchange exchange) {
    Optional<String> bearer =
        exchange
            .requestHeader("Authorization")
            .map(String::strip)
            .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            .map(header -> header.substring(BEARER.length()).strip());
    return bearer
        .or(() -> exchange.requestHeader("x-api-key").map(String::strip))
        .flatMap(tokens::read)
        .orElseThrow(() -> new Refusal(401, "This is not the token of an agent", CHALLENGE));
  }

  private static Spender spender(AgentToken caller) {
    return new Spender.Agent(caller.agentId(), caller.ownerId(), caller.generation());
  }
}
