package ai.liberclaw.api.usage;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.agent.Quotas;
import org.jooq.DSLContext;

/** {@code GET /usage/}. */
public final class UsageRoutes {
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
    router.get("/api/v1/usage/", this::today);
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
