package ai.liberclaw.api.agents;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.idempotency.OnceOnly;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentChanges;
import ai.liberclaw.deploy.agent.AgentDraft;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.agent.AgentLogs;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.DeploymentStatus;
import ai.liberclaw.deploy.budget.Meters;
import ai.liberclaw.deploy.provider.LogLines;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** {@code /agents}. Every look-up takes the caller, so somebody else's agent is not found. */
public final class AgentRoutes {
  private static final String BASE = "/api/v1/agents";
  private static final String ONE = BASE + "/{agent_id}";
  private static final int BODY_BYTES_MAX = 512 * 1024;
  private static final int NAME_LENGTH_MAX = 100;
  private static final int PROMPT_LENGTH_MAX = 32_000;
  private static final int ID_LENGTH_MAX = 64;
  private static final int MODEL_LENGTH_MAX = 50;
  private static final int SKILLS_MAX = 32;

  private static final int LINES_DEFAULT = 200;

  private static final JsonNode NO_BODY = Json.object();

  private final Agents agents;
  private final Meters meters;
  private final AgentProbe probe;
  private final AgentLogs logs;
  private final OnceOnly once;

  /**
   * @param meters what agents spent
   * @param once for the requests that cost a machine
   */
  public AgentRoutes(
      Agents agents, Meters meters, AgentLogs logs, AgentProbe probe, OnceOnly once) {
    this.agents = agents;
    this.meters = meters;
    this.logs = logs;
    this.probe = probe;
    this.once = once;
  }

  public void addTo(Router router) {
    // Both forms directly: a redirect would lose the Authorization header in browsers.
    for (String path : List.of(BASE + "/", BASE)) {
      router.get(path, this::list).post(path, this::create);
    }
    router.get(ONE, this::get).patch(ONE, this::change).delete(ONE, this::delete);
    router.get(ONE + "/status", this::status).get(ONE + "/health", this::health);
    router.get(ONE + "/logs", this::logs);
    router.post(ONE + "/redeploy", this::redeploy);
    // The older name is one that plans of the original speak of.
    router.post(ONE + "/rebuild", this::rebuild).post(ONE + "/repair", this::rebuild);
  }

  private void list(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    FieldChoice fields = FieldChoice.of(exchange);
    EntityTag.send(exchange, AgentViews.list(agents.list(caller.userId(), meters.now()), fields));
  }

  private void create(Exchange exchange) throws IOException {
    Caller caller = Caller.of(exchange);
    Fields fields = exchange.json(BODY_BYTES_MAX);
    AgentDraft draft =
        new AgentDraft(
            checkName(fields, fields.text("name", 1, NAME_LENGTH_MAX)),
            fields.optionalText("system_prompt", 0, PROMPT_LENGTH_MAX),
            fields.optionalText("model", 0, MODEL_LENGTH_MAX),
            fields.optionalText("template_id", 0, ID_LENGTH_MAX),
            fields.optionalTexts("skills", SKILLS_MAX, ID_LENGTH_MAX));
    fields.check();
    once.answer(
        exchange,
        caller.userId(),
        "/agents/",
        fields.json(),
        201,
        sql -> AgentViews.agent(agents.create(sql, caller.userId(), draft), Map.of()));
  }

  private void get(Exchange exchange) {
    send(exchange, agents.find(Caller.of(exchange).userId(), id(exchange)));
  }

  private void change(Exchange exchange) throws IOException {
    Caller caller = Caller.of(exchange);
    Fields fields = exchange.json(BODY_BYTES_MAX);
    UUID id = id(exchange);
    AgentChanges changes =
        new AgentChanges(
            fields.optionalText("name", 1, NAME_LENGTH_MAX).map(name -> checkName(fields, name)),
            fields.optionalText("system_prompt", 0, PROMPT_LENGTH_MAX),
            fields.optionalText("model", 0, MODEL_LENGTH_MAX),
            fields.optionalTexts("skills", SKILLS_MAX, ID_LENGTH_MAX),
            fields.optionalFlag("public_name"));
    fields.check();
    send(exchange, agents.change(caller.userId(), id, changes));
  }

  private void delete(Exchange exchange) {
    if (!agents.delete(Caller.of(exchange).userId(), id(exchange))) {
      throw notFound();
    }
    exchange.sendNothing();
  }

  private void status(Exchange exchange) {
    DeploymentStatus status =
        agents
            .status(Caller.of(exchange).userId(), id(exchange))
            .orElseThrow(AgentRoutes::notFound);
    exchange.send(AgentViews.status(status.agent(), status.progress()));
  }

  private void health(Exchange exchange) {
    AgentEndpoint endpoint =
        agents
            .endpoint(Caller.of(exchange).userId(), id(exchange))
            .orElseThrow(AgentRoutes::notFound);
    exchange.send(AgentViews.health(endpoint, probe.ask(endpoint)));
  }

  private void logs(Exchange exchange) throws InterruptedException {
    int lines = (int) exchange.queryInteger("lines", LINES_DEFAULT, 1, LogLines.LINES_MAX);
    UUID id = id(exchange);
    List<String> last =
        logs.last(Caller.of(exchange).userId(), id, lines).orElseThrow(AgentRoutes::notFound);
    exchange.send(AgentViews.logs(id, last));
  }

  private void redeploy(Exchange exchange) {
    again(exchange, "redeploy", agents::redeploy);
  }

  private void rebuild(Exchange exchange) {
    again(exchange, "rebuild", agents::rebuild);
  }

  private interface Again {
    Optional<Agent> run(DSLContext sql, UUID ownerId, UUID id);
  }

  private void again(Exchange exchange, String name, Again work) {
    UUID owner = Caller.of(exchange).userId();
    UUID id = id(exchange);
    once.answer(
        exchange,
        owner,
        "/agents/" + id + "/" + name,
        NO_BODY,
        200,
        sql -> {
          Agent agent = work.run(sql, owner, id).orElseThrow(AgentRoutes::notFound);
          return AgentViews.agent(agent, Meters.in(sql, id, meters.now()));
        });
  }

  private void send(Exchange exchange, Optional<Agent> agent) {
    Agent found = agent.orElseThrow(AgentRoutes::notFound);
    exchange.send(
        AgentViews.agent(
            found, meters.agents(List.of(found.id())).getOrDefault(found.id(), Map.of())));
  }

  private static UUID id(Exchange exchange) {
    return exchange.uuid("agent_id");
  }

  private static Refusal notFound() {
    return new Refusal(404, "Agent not found");
  }

  /** A name is one printable line: it ends up in prompts, logs and settings of machines. */
  private static String checkName(Fields fields, String name) {
    boolean printable =
        name.codePoints()
            .noneMatch(c -> {
              int type = Character.getType(c);
              return type == Character.CONTROL
                  || type == Character.LINE_SEPARATOR
                  || type == Character.PARAGRAPH_SEPARATOR;
            });
    if (!printable) {
      fields.fault(
          "name",
          "value_error",
          "Value error, name should not contain control characters",
          Json.object());
    }
    return name;
  }
}
