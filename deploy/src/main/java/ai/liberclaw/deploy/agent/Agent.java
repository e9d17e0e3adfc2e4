package ai.liberclaw.deploy.agent;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * An agent as its owner configured it.
 *
 * @param status {@code pending}, {@code deploying}, {@code running}, {@code stopped} or {@code
 *     failed}
 * @param vmUrl where it answers, for people; requests go to its {@link AgentEndpoint}
 * @param publicName the public feed may show the name
 * @param provider empty for an agent of the original
 * @param instanceHash set for an agent of the original that has a machine
 */
public record Agent(
    UUID id,
    UUID ownerId,
    String name,
    String systemPrompt,
    String model,
    String status,
    Optional<String> vmUrl,
    String source,
    List<String> skills,
    boolean publicName,
    Optional<String> provider,
    Optional<UUID> instanceId,
    Optional<String> instanceHash,
    long generation,
    Instant createdAt,
    Instant updatedAt) {
  public Agent {
    skills = List.copyOf(skills);
  }
}
