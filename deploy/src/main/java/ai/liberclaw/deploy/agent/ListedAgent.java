package ai.liberclaw.deploy.agent;

import ai.liberclaw.deploy.budget.Period;
import ai.liberclaw.deploy.budget.Spending;
import java.util.Map;

/**
 * An agent as a list shows it.
 *
 * @param spent today and this month; absent where nothing was
 */
public record ListedAgent(Agent agent, Map<Period, Spending> spent) {}
