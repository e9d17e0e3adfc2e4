package ai.liberclaw.deploy.budget;

import java.time.LocalDate;
import java.util.Optional;
import java.util.UUID;

/**
 * What calls used.
 *
 * @param day empty, as the agent and the model, when it was not asked to tell them apart
 * @param agent empty also for calls without one
 * @param agentName empty when the agent is gone
 * @param nanodollars all of it
 * @param ownKeyNanodollars the part the user's own key paid
 */
public record UsageRow(
    Optional<LocalDate> day,
    Optional<UUID> agent,
    Optional<String> agentName,
    Optional<String> model,
    long requests,
    long promptTokens,
    long cachedTokens,
    long completionTokens,
    long nanodollars,
    long ownKeyNanodollars) {}
