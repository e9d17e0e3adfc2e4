package ai.liberclaw.api.budget;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.budget.Allowance;
import ai.liberclaw.deploy.budget.Limit;
import ai.liberclaw.deploy.budget.Period;
import ai.liberclaw.deploy.budget.Spending;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;

/** What a user may spend, and has spent, as clients get it. */
public final class AllowanceView {
  private static final Allowance NONE = new Allowance(Limit.NONE, Spending.NONE, Spending.NONE);

  private AllowanceView() {}

  /** Today and this month, in UTC. */
  public static ObjectNode of(Map<Period, Allowance> allowances, Instant now) {
    ObjectNode json = Json.object();
    ObjectNode limits = json.putObject("limits");
    ObjectNode spent = json.putObject("spent");
    ObjectNode reserved = json.putObject("reserved");
    ObjectNode resets = json.putObject("resets_at");
    for (Period period : Period.values()) {
      Allowance allowance = allowances.getOrDefault(period, NONE);
      limits.set(period.key(), LimitView.of(allowance.limit()));
      spent.set(period.key(), SpendingView.of(allowance.spent()));
      reserved.set(period.key(), SpendingView.of(allowance.reserved()));
      resets.put(period.key(), period.end(now).toString());
    }
    return json;
  }
}
