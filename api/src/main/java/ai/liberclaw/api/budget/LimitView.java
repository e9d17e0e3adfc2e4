package ai.liberclaw.api.budget;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.budget.Limit;
import ai.liberclaw.deploy.budget.Unit;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalLong;

/** A limit as clients get it: null where there is none. */
final class LimitView {
  private LimitView() {}

  static ObjectNode of(Limit limit) {
    ObjectNode json = Json.object();
    if (limit.nanodollars().isPresent()) {
      json.put("usd", Unit.usd(limit.nanodollars().getAsLong()));
    } else {
      json.putNull("usd");
    }
    put(json, "tokens", limit.tokens());
    put(json, "requests", limit.requests());
    return json;
  }

  private static void put(ObjectNode json, String name, OptionalLong amount) {
    if (amount.isPresent()) {
      json.put(name, amount.getAsLong());
    } else {
      json.putNull(name);
    }
  }
}
