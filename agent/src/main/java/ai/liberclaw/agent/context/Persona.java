package ai.liberclaw.agent.context;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who an agent is and where.
 *
 * @param instructions its owner's, may be blank
 * @param powers what its commands may do there, as lines of a list
 * @param fqdn its public host name
 * @param heartbeat how often it is woken to follow HEARTBEAT.md; empty when it never is
 */
public record Persona(
    String name,
    String instructions,
    Path workspace,
    Surroundings surroundings,
    String powers,
    Optional<String> fqdn,
    Optional<Duration> heartbeat) {}
