package ai.liberclaw.agent.approval;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Questions about tool calls over HTTP. Whoever has the agent's secret may answer them. */
public final class ApprovalRoutes {
  /** Questions in a list of all. */
  static final int LISTED_MAX = 200;

  /** Code points of the name of whoever decides. */
  static final int BY_LENGTH_MAX = 200;

  private static final int BODY_BYTES_MAX = 16 * 1024;
  private static final String BY_DEFAULT = "owner";

  private final ApprovalBook book;
  private final ApprovalDesk desk;

  public ApprovalRoutes(ApprovalBook book, ApprovalDesk desk) {
    this.book = book;
    this.desk = desk;
  }

  public void register(Router router) {
    router
        .get("/approvals", this::list)
        .get("/approvals/rules", this::rules)
        .delete("/approvals/rules/{id}", this::deleteRule)
        .post("/approvals/{id}", this::decide);
  }

  private void list(Exchange exchange) {
    Optional<String> chatId = exchange.query("chat_id");
    String status = exchange.query("status").orElse(ApprovalStatus.PENDING.wireName());
    List<Approval> found =
        switch (status) {
          case "pending" -> book.open(chatId);
          case "all" -> book.newest(chatId, LISTED_MAX);
          default ->
              throw new Invalid(
                  Invalid.Fault.of(
                      "literal_error",
                      List.of("query", "status"),
                      "Input should be 'pending' or 'all'"));
        };
    ObjectNode body = Json.object();
    ArrayNode approvals = body.putArray("approvals");
    found.forEach(approval -> approvals.add(approval.json()));
    exchange.send(body);
  }

  private void decide(Exchange exchange) throws IOException {
    Fields body = exchange.json(BODY_BYTES_MAX);
    String word = body.text("decision", 1, 20);
    String by =
        body.optionalText("by", 0, BY_LENGTH_MAX)
            .filter(name -> !name.isBlank())
            .orElse(BY_DEFAULT);
    Optional<ApprovalStatus> decision = ApprovalStatus.decision(word);
    if (decision.isEmpty() && !word.isEmpty()) {
      String expected = "'once', 'turn', 'always' or 'deny'";
      body.fault(
          "decision",
          "literal_error",
          "Input should be " + expected,
          Json.object().put("expected", expected));
    }
    body.check();
    desk.decide(exchange.path("id"), decision.orElseThrow(), by);
    exchange.send(Json.object().put("status", "ok"));
  }

  private void rules(Exchange exchange) {
    ObjectNode body = Json.object();
    ArrayNode rules = body.putArray("rules");
    book.rules().forEach(rule -> rules.add(rule.json()));
    exchange.send(body);
  }

  private void deleteRule(Exchange exchange) {
    if (!book.deleteRule(exchange.path("id"))) {
      throw new Refusal(404, "Rule not found");
    }
    exchange.send(Json.object().put("status", "ok"));
  }
}
