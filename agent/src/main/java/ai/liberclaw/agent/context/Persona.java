package ai.liberclaw.agent.context;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who an agent is and where.
 *
 * @param instructions its owner's, may be blank
 * @param fqdn its public host name
 * @param heartbeat how often it is woken to follow HEARTBEAT.md; empty when it never is
 */
public record Persona(
    String name,
    String instructions,
    Path workspace,
    Surroundings surroundings,
    Optional<String> fqdn,
    Optional<Duration> heartbeat) {}
