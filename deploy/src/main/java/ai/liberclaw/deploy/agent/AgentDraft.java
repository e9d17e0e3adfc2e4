package ai.liberclaw.deploy.agent;

import java.util.List;
import java.util.Optional;

/**
 * A wish for a new agent. What is given wins over the template's; an empty list of skills is given.
 */
public record AgentDraft(
    String name,
    Optional<String> systemPrompt,
    Optional<String> model,
    Optional<String> templateId,
    Optional<List<String>> skills) {}
