package ai.liberclaw.agent.health;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/** {@code GET /info}: all that front ends want to know about the agent. */
public final class InfoRoutes {
  private static final Logger LOG = System.getLogger(InfoRoutes.class.getName());

  private final AgentIdentity identity;
  private final AgentFacts facts;
  private final Supplier<Toolbox> tools;

  /**
   * @param tools as people's turns have them now
   */
  public InfoRoutes(AgentIdentity identity, AgentFacts facts, Supplier<Toolbox> tools) {
    this.identity = identity;
    this.facts = facts;
    this.tools = tools;
  }

  public void register(Router router) {
    router.get("/info", exchange -> exchange.send(body()));
  }

  private ObjectNode body() {
    ObjectNode body =
        Json.object()
            .put("agent_name", identity.name())
            .put("agent_version", AgentIdentity.VERSION)
            .put("api_version", AgentIdentity.API_VERSION)
            .put("release", identity.release())
            .put("boot_id", identity.bootId().toString())
            .put("sandbox", identity.sandbox())
            .put("model", identity.model())
            .put("has_system_prompt", identity.hasInstructions());
    ArrayNode capabilities = body.putArray("capabilities");
    facts.capabilities().forEach(capabilities::add);
    putTools(body);
    ObjectNode features = body.putObject("features");
    facts.features().forEach(features::set);
    ObjectNode health = body.putObject("runtime_health");
    facts.health().forEach((part, state) -> put(health, part, state));
    facts.sections().forEach((name, content) -> put(body, name, content));
    return body;
  }

  private void putTools(ObjectNode body) {
    ArrayNode names = body.putArray("tools");
    ArrayNode metadata = body.putArray("tool_metadata");
    ObjectNode unavailable = body.putObject("unavailable_tools");
    for (Tool tool : tools.get().all()) {
      ToolDefinition definition = tool.definition();
      String reason = tool.unavailable().orElse(null);
      if (reason == null) {
        names.add(definition.name());
      } else {
        unavailable.put(definition.name(), reason);
      }
      metadata
          .addObject()
          .put("name", definition.name())
          .put("available", reason == null)
          .put("unavailable_reason", reason)
          .put("mutating", !tool.readOnly())
          .put("image_aware", tool.imageAware());
    }
  }

  /** A part that cannot tell does not keep the others from it. */
  private static void put(ObjectNode body, String name, Supplier<JsonNode> content) {
    try {
      body.set(name, content.get());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "info.part_failed part=" + name, e);
      body.putNull(name);
    }
  }
}
