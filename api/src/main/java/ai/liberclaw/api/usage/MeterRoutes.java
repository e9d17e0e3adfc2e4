package ai.liberclaw.api.usage;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.budget.AllowanceView;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.budget.Meters;
import ai.liberclaw.deploy.budget.Period;
import ai.liberclaw.deploy.budget.Unit;
import ai.liberclaw.deploy.budget.UsageQuery;
import ai.liberclaw.deploy.budget.UsageRow;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * {@code GET /usage/tokens} and {@code GET /usage/costs}: what the caller's calls of models used,
 * and what they may.
 */
public final class MeterRoutes {
  private static final int DAYS_DEFAULT = 30;

  /** As long as they are kept. */
  private static final int DAYS_MAX = 400;

  private static final int ROWS_DEFAULT = 100;
  private static final int ROWS_MAX = 1000;
  private static final int OFFSET_MAX = 1_000_000;
  private static final int MODEL_LENGTH_MAX = 200;
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final Meters meters;

  public MeterRoutes(Meters meters) {
    this.meters = meters;
  }

  public void addTo(Router router) {
    router.get(
        "/api/v1/usage/tokens", exchange -> exchange.send(rows(exchange, MeterRoutes::tokens)));
    router.get(
        "/api/v1/usage/costs",
        exchange -> {
          ObjectNode json = rows(exchange, MeterRoutes::costs);
          UUID user = Caller.of(exchange).userId();
          json.set("budget", AllowanceView.of(meters.allowances(user), meters.now()));
          exchange.send(json);
        });
  }

  private ObjectNode rows(Exchange exchange, BiConsumer<ObjectNode, UsageRow> sums) {
    UsageQuery query = query(exchange);
    List<UsageRow> rows = meters.rows(query);
    ObjectNode json =
        Json.object().put("from", query.from().toString()).put("to", query.to().toString());
    ArrayNode list = json.putArray("rows");
    for (UsageRow row : rows) {
      ObjectNode one =
          list.addObject()
              .put("date", row.day().map(LocalDate::toString).orElse(null))
              .put("agent_id", row.agent().map(UUID::toString).orElse(null))
              .put("agent_name", row.agentName().orElse(null))
              .put("model", row.model().orElse(null));
      sums.accept(one, row);
    }
    sums.accept(json.putObject("total"), meters.total(query));
    if (rows.size() == query.limit()) {
      json.put("next_offset", query.offset() + query.limit());
    } else {
      json.putNull("next_offset");
    }
    return json;
  }

  private static void tokens(ObjectNode json, UsageRow row) {
    json.put("requests", row.requests())
        .put("prompt_tokens", row.promptTokens())
        .put("cached_tokens", row.cachedTokens())
        .put("completion_tokens", row.completionTokens());
  }

  private static void costs(ObjectNode json, UsageRow row) {
    json.put("requests", row.requests())
        .put("usd", Unit.usd(row.nanodollars() - row.ownKeyNanodollars()))
        .put("own_key_usd", Unit.usd(row.ownKeyNanodollars()));
  }

  private UsageQuery query(Exchange exchange) {
    LocalDate to = day(exchange, "to").orElseGet(() -> Period.DAY.start(meters.now()));
    LocalDate from = day(exchange, "from").orElseGet(() -> to.minusDays(DAYS_DEFAULT - 1));
    if (from.isAfter(to) || ChronoUnit.DAYS.between(from, to) >= DAYS_MAX) {
      throw fault("from", "value_error", "from must be at most 400 days before to, and not after");
    }
    Optional<String> agent = exchange.query("agent_id");
    if (agent.isPresent() && !UUID_TEXT.matcher(agent.get()).matches()) {
      throw fault("agent_id", "uuid_parsing", "Input should be a valid UUID");
    }
    Optional<String> model = exchange.query("model");
    if (model.isPresent()
        && (model.get().length() > MODEL_LENGTH_MAX || model.get().indexOf(0) >= 0)) {
      throw fault("model", "string_too_long", "String should have at most 200 characters");
    }
    return new UsageQuery(
        Caller.of(exchange).userId(),
        from,
        to,
        agent.map(UUID::fromString),
        model,
        by(exchange.query("by").orElse("day,agent,model")),
        exchange.queryInteger("limit", ROWS_DEFAULT, 1, ROWS_MAX),
        exchange.queryInteger("offset", 0, 0, OFFSET_MAX));
  }

  private static Set<UsageQuery.By> by(String text) {
    Set<UsageQuery.By> by = EnumSet.noneOf(UsageQuery.By.class);
    for (String name : text.split(",", -1)) {
      by.add(
          switch (name.strip().toLowerCase(Locale.ROOT)) {
            case "day" -> UsageQuery.By.DAY;
            case "agent" -> UsageQuery.By.AGENT;
            case "model" -> UsageQuery.By.MODEL;
            default ->
                throw fault(
                    "by",
                    "literal_error",
                    "Input should be a comma-separated list of day, agent and model");
          });
    }
    return by;
  }

  private static Optional<LocalDate> day(Exchange exchange, String name) {
    return exchange
        .query(name)
        .map(text -> {
          try {
            LocalDate day = LocalDate.parse(text);
            if (day.getYear() >= 2000 && day.getYear() <= 9999) {
              return day;
            }
          } catch (DateTimeParseException _) {
            // The same refusal.
          }
          throw fault(name, "date_parsing", "Input should be a valid date, as 2026-01-31");
        });
  }

  private static Invalid fault(String name, String type, String message) {
    return new Invalid(Invalid.Fault.of(type, List.of("query", name), message));
  }
}
