package ai.liberclaw.deploy.provider;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What one agent is configured to be, as deployed: kept with the instance, so that a restart gives
 * the same agent even when its row was edited meanwhile.
 *
 * @param secretHash lower-case hex SHA-256 of the agent's secret; the secret stays in the database
 * @param skills ids, exactly these are installed
 * @param generation of the deployment, which the agent's token to models carries; 0 for one that
 *     was deployed when there were no tokens
 */
public record AgentSettings(
    String name,
    String systemPrompt,
    String model,
    UUID ownerId,
    String secretHash,
    List<String> skills,
    long generation) {
  public AgentSettings {
    skills = List.copyOf(skills);
  }

  public ObjectNode json() {
    ObjectNode json =
        Json.object()
            .put("name", name)
            .put("system_prompt", systemPrompt)
            .put("model", model)
            .put("owner_id", ownerId.toString())
            .put("secret_hash", secretHash)
            .put("generation", generation);
    ArrayNode list = json.putArray("skills");
    skills.forEach(list::add);
    return json;
  }

  /** Reads {@link #json}. */
  public static AgentSettings of(JsonNode json) {
    List<String> skills = new ArrayList<>();
    json.path("skills").forEach(skill -> skills.add(skill.asText()));
    return new AgentSettings(
        json.path("name").asText(),
        json.path("system_prompt").asText(),
        json.path("model").asText(),
        UUID.fromString(json.path("owner_id").asText()),
        json.path("secret_hash").asText(),
        skills,
        json.path("generation").asLong());
  }
}
