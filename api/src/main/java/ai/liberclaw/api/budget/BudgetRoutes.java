package ai.liberclaw.api.budget;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.budget.Limit;
import ai.liberclaw.deploy.budget.LimitTarget;
import ai.liberclaw.deploy.budget.Limits;
import ai.liberclaw.deploy.budget.Meters;
import ai.liberclaw.deploy.budget.Period;
import ai.liberclaw.deploy.budget.Spending;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** {@code /agents/{agent_id}/budget}: what an owner lets one agent spend. */
public final class BudgetRoutes {
  private static final String PATH = "/api/v1/agents/{agent_id}/budget";
  private static final int BODY_BYTES_MAX = 4 * 1024;

  private final Limits limits;
  private final Meters meters;

  public BudgetRoutes(Limits limits, Meters meters) {
    this.limits = limits;
    this.meters = meters;
  }

  public void addTo(Router router) {
    router.get(PATH, this::get).put(PATH, this::put);
  }

  private void get(Exchange exchange) {
    UUID agent = exchange.uuid("agent_id");
    send(exchange, agent, spent(exchange, agent));
  }

  private void put(Exchange exchange) throws IOException {
    UUID agent = exchange.uuid("agent_id");
    Fields fields = exchange.json(BODY_BYTES_MAX);
    Map<Period, Limit> wanted = new EnumMap<>(Period.class);
    for (Period period : Period.values()) {
      fields
          .present(period.key())
          .ifPresent(limit -> wanted.put(period, limit(fields, period.key(), limit)));
    }
    fields.check();
    Map<Period, Spending> spent = spent(exchange, agent);
    limits.set(new LimitTarget.Agent(agent), wanted);
    send(exchange, agent, spent);
  }

  private Map<Period, Spending> spent(Exchange exchange, UUID agent) {
    return meters
        .agent(Caller.of(exchange).userId(), agent)
        .orElseThrow(() -> new Refusal(404, "Agent not found"));
  }

  private void send(Exchange exchange, UUID agent, Map<Period, Spending> spent) {
    Map<Period, Limit> known = limits.of(new LimitTarget.Agent(agent));
    ObjectNode json = Json.object().put("agent_id", agent.toString());
    ObjectNode limited = json.putObject("limits");
    ObjectNode used = json.putObject("spent");
    ObjectNode resets = json.putObject("resets_at");
    for (Period period : Period.values()) {
      limited.set(period.key(), LimitView.of(known.getOrDefault(period, Limit.NONE)));
      used.set(period.key(), SpendingView.of(spent.getOrDefault(period, Spending.NONE)));
      resets.put(period.key(), period.end(meters.now()).toString());
    }
    exchange.send(json);
  }

  /** Faults of its fields are added to those of the body. */
  private static Limit limit(Fields body, String period, JsonNode json) {
    if (!json.isObject()) {
      body.fault(period, "dict_type", "Input should be a valid dictionary", Json.object());
      return Limit.NONE;
    }
    Fields fields = Fields.of(json);
    Optional<Long> money = fields.present("usd").flatMap(usd -> money(body, period, usd));
    Optional<Long> tokens = fields.optionalInteger("tokens", 0, Limit.COUNT_MAX);
    Optional<Long> requests = fields.optionalInteger("requests", 0, Limit.COUNT_MAX);
    try {
      fields.check();
    } catch (Invalid e) {
      for (Invalid.Fault fault : e.faults()) {
        Object name = fault.location().getLast();
        body.fault(
            new Invalid.Fault(
                fault.type(),
                List.of("body", period, name),
                fault.message(),
                fault.input(),
                fault.context()));
      }
    }
    return new Limit(amount(money), amount(tokens), amount(requests));
  }

  private static Optional<Long> money(Fields body, String period, JsonNode usd) {
    Optional<Long> amount =
        usd.isNumber() ? Limit.nanodollars(usd.decimalValue()) : Optional.empty();
    if (amount.isEmpty()) {
      body.fault(
          new Invalid.Fault(
              "decimal_type",
              List.of("body", period, "usd"),
              "Input should be a number of dollars from 0 to 1000000000, with 9 decimals at most",
              usd,
              Json.object()));
    }
    return amount;
  }

  private static OptionalLong amount(Optional<Long> value) {
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }
}
