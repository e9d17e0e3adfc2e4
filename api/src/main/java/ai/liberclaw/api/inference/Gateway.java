package ai.liberclaw.api.inference;

import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.model.UpstreamClient;
import ai.liberclaw.deploy.model.Upstreams;
import java.util.Set;

/**
 * What every call works with.
 *
 * @param ollamaModel what Ollama is asked for when it lacks an agent's model; may be empty
 * @param mask hides the operator's keys
 * @param withoutUsage names of services that refuse to be asked for a stream's usage
 */
record Gateway(
    Upstreams upstreams,
    UpstreamClient client,
    Budgets budgets,
    String ollamaModel,
    Mask mask,
    InferenceLimits limits,
    InferenceCounts counts,
    Set<String> withoutUsage) {}
