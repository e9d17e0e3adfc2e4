package ai.liberclaw.api.budget;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.budget.Period;
import ai.liberclaw.deploy.budget.Spending;
import ai.liberclaw.deploy.budget.Unit;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** What was spent, as clients get it. */
public final class SpendingView {
  private SpendingView() {}

  /** Today and this month, in UTC. */
  public static ObjectNode of(Map<Period, Spending> spent) {
    ObjectNode json = Json.object();
    for (Period period : Period.values()) {
      json.set(period.key(), of(spent.getOrDefault(period, Spending.NONE)));
    }
    return json;
  }

  static ObjectNode of(Spending spent) {
    return Json.object()
        .put("usd", Unit.usd(spent.nanodollars()))
        .put("tokens", spent.tokens())
        .put("requests", spent.requests());
  }
}
