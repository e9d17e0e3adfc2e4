package ai.liberclaw.api.usage;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.agent.Quotas;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jooq.DSLContext;

/** {@code GET /usage/} and {@code GET /usage/history}. */
public final class UsageRoutes {
  private static final int HISTORY_DAYS = 30;
  private static final int HISTORY_DAYS_MAX = 90;

  private final DSLContext sql;
  private final UsageStore usage;
  private final TierLimits limits;
  private final Quotas quotas;

  public UsageRoutes(DSLContext sql, UsageStore usage, TierLimits limits, Quotas quotas) {
    this.sql = sql;
    this.usage = usage;
    this.limits = limits;
    this.quotas = quotas;
  }

  public void addTo(Router router) {
    router.get("/api/v1/usage/", this::today).get("/api/v1/usage/history", this::history);
  }

  private void history(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    int days = (int) exchange.queryInteger("days", HISTORY_DAYS, 1, HISTORY_DAYS_MAX);
    ObjectNode json = Json.object();
    ArrayNode all = json.putArray("days");
    usage
        .lastDays(sql, caller.userId(), days)
        .forEach((day, messages) ->
            all.addObject().put("date", day.toString()).put("message_count", messages));
    exchange.send(json);
  }

  private void today(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    exchange.send(
        Json.object()
            .put("daily_messages_used", usage.messagesToday(sql, caller.userId()))
            .put("daily_messages_limit", limits.messagesPerDay(caller.tier()))
            .put("agent_count", usage.agents(sql, caller.userId()))
            .put("agent_limit", quotas.agents(caller.tier()))
            .put("tier", caller.tier()));
  }
}
