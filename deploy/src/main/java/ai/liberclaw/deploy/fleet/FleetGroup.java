package ai.liberclaw.deploy.fleet;

import java.util.Optional;

/**
 * Agents that are alike.
 *
 * @param provider empty: agents of the original, which no rollout touches
 * @param release empty: not known
 * @param status as clients see it
 * @param current whether new agents there get the same release
 */
public record FleetGroup(
    Optional<String> provider,
    Optional<String> release,
    String status,
    int agents,
    boolean current) {}
