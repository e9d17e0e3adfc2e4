package ai.liberclaw.deploy.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to change of an agent; what is absent stays.
 *
 * @param publicName whether the public feed may show the agent's name
 */
public record AgentChanges(
    Optional<String> name,
    Optional<String> systemPrompt,
    Optional<String> model,
    Optional<List<String>> skills,
    Optional<Boolean> publicName) {
  /** The wire names of what is given, in a fixed order. */
  List<String> given() {
    List<String> given = new ArrayList<>();
    name.ifPresent(_ -> given.add("name"));
    systemPrompt.ifPresent(_ -> given.add("system_prompt"));
    model.ifPresent(_ -> given.add("model"));
    skills.ifPresent(_ -> given.add("skills"));
    publicName.ifPresent(_ -> given.add("public_name"));
    return given;
  }
}
