package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.approval.ApprovalDesk;
import ai.liberclaw.agent.approval.ApprovalStatus;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Asks the owner about a tool call, with buttons to answer by. */
final class ApprovalButtons {
  private static final String DATA = "approve:";
  private static final int INPUT_LENGTH_MAX = 1500;
  private static final int REASON_LENGTH_MAX = 500;
  private static final Logger LOG = System.getLogger(ApprovalButtons.class.getName());

  private final String ownerId;
  private final ApprovalDesk desk;
  private final BotApi api;

  ApprovalButtons(String ownerId, ApprovalDesk desk, BotApi api) {
    this.ownerId = ownerId;
    this.desk = desk;
    this.api = api;
  }

  /** What is asked by an {@code approval_required} event, as Markdown for one message. */
  static String question(JsonNode event) {
    // A block that the input could close would let it say something of its own.
    String input = cut(event.path("input").asText(), INPUT_LENGTH_MAX).replace("`", "'");
    return "May I use `"
        + event.path("tool").asText().replace("`", "'")
        + "`? "
        + cut(event.path("reason").asText(), REASON_LENGTH_MAX)
        + "\n```\n"
        + input
        + "\n```";
  }

  /** The parameters that put the buttons under the question. */
  static ObjectNode of(JsonNode event) {
    String id = event.path("approval_id").asText();
    ObjectNode more = Json.object();
    ArrayNode rows = more.putObject("reply_markup").putArray("inline_keyboard");
    ArrayNode first = rows.addArray();
    add(first, "Once", ApprovalStatus.ONCE, id);
    add(first, "For this answer", ApprovalStatus.TURN, id);
    ArrayNode second = rows.addArray();
    add(second, "Always", ApprovalStatus.ALWAYS, id);
    add(second, "No", ApprovalStatus.DENY, id);
    return more;
  }

  /** Somebody has pressed a button; only the owner's answer counts. */
  void pressed(JsonNode query) {
    String[] data = query.path("data").asText("").split(":", 3);
    String from = query.path("from").path("id").asText("");
    Optional<ApprovalStatus> decision =
        data.length == 3 && DATA.equals(data[0] + ":")
            ? ApprovalStatus.decision(data[1])
            : Optional.empty();
    String answer;
    if (decision.isEmpty()) {
      answer = "I do not know this button.";
    } else if (ownerId.isEmpty() || !from.equals(ownerId)) {
      answer = "Only my owner can answer this.";
    } else {
      answer = decide(data[2], decision.get(), "telegram:" + from);
    }
    Thread thread =
        Thread.ofVirtual().name("telegram-button").unstarted(() -> acknowledge(query, answer));
    thread.start();
  }

  private String decide(String id, ApprovalStatus decision, String by) {
    try {
      desk.decide(id, decision, by);
      return decision == ApprovalStatus.DENY ? "Denied." : "Allowed.";
    } catch (Refusal e) {
      return "This was decided before, or its time is over.";
    }
  }

  /** Telegram waits for this answer a few seconds only; the buttons have done their work. */
  private void acknowledge(JsonNode query, String answer) {
    JsonNode message = query.path("message");
    ObjectNode edit =
        Json.object()
            .put("chat_id", message.path("chat").path("id").asLong())
            .put("message_id", message.path("message_id").asLong());
    edit.putObject("reply_markup").putArray("inline_keyboard");
    try {
      JsonNode answered =
          api.call(
              "answerCallbackQuery",
              Json.object()
                  .put("callback_query_id", query.path("id").asText())
                  .put("text", answer));
      JsonNode edited = message.isObject() ? api.call("editMessageReplyMarkup", edit) : answered;
      LOG.log(Level.DEBUG, "telegram.button_answered done={0}", edited.asBoolean());
    } catch (BotApiException e) {
      LOG.log(Level.INFO, "telegram.button_not_answered reason={0}", e.getMessage());
    }
  }

  private static void add(ArrayNode row, String label, ApprovalStatus decision, String id) {
    row.addObject().put("text", label).put("callback_data", DATA + decision.wireName() + ":" + id);
  }

  private static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max;
    return text.substring(0, end) + "\u2026";
  }
}
