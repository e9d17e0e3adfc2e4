package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Order;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** An order whose row is a field. */
final class TestOrder implements Order {
  final UUID agent = UUID.randomUUID();
  final UUID instance = UUID.randomUUID();
  String prompt = "You help.";
  List<String> skills = List.of("git");
  Optional<String> release = Optional.empty();
  boolean stands = true;
  ObjectNode handle = Json.object();

  @Override
  public UUID agentId() {
    return agent;
  }

  @Override
  public UUID instanceId() {
    return instance;
  }

  @Override
  public AgentSettings settings() {
    return new AgentSettings(
        "Ada\n\"$(id)\" 🦀", prompt, "glm-4.7", agent, "ab".repeat(32), skills, 1);
  }

  @Override
  public Optional<String> release() {
    return release;
  }

  @Override
  public ObjectNode handle() {
    return handle;
  }

  @Override
  public void check() {
    if (!stands) {
      throw new Fenced("not any more");
    }
  }

  @Override
  public void record(ObjectNode newHandle) {
    check();
    handle = newHandle.deepCopy();
  }
}
