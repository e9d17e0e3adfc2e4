package ai.liberclaw.api.chat;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.client.AgentException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** What a client reads when a turn can't be carried to its end. */
final class ChatErrors {
  private static final String BUSY = "Agent is busy";
  private static final String RESTARTING = "Server is restarting. Please retry.";

  private static final String UNREACHABLE = "Could not connect to agent after multiple attempts.";
  private static final String LOST = "Connection to agent lost mid-response.";
  private static final String SILENT = "Agent stopped responding.";
  private static final String CANCELLED = "Chat run was cancelled.";
  private static final int TOO_MANY_REQUESTS = 429;

  /** Seconds after which a message that was refused for now may be sent for again. */
  private static final Map<String, String> SOON = Map.of("Retry-After", "5");

  private ChatErrors() {}

  /** 429: a turn of this conversation runs already. */
  static Refusal busy() {
    return new Refusal(TOO_MANY_REQUESTS, BUSY, SOON);
  }

  /** 502 on the routes that answer JSON. */
  static Refusal unreachable() {
    return new Refusal(502, "Could not reach agent");
  }

  static boolean isBusy(AgentException e) {
    return e.status() == TOO_MANY_REQUESTS;
  }

  static ObjectNode of(AgentException e) {
    return switch (e.kind()) {
      case UNREACHABLE -> error(UNREACHABLE);
      case SILENT -> error(SILENT);
      case STATUS -> error(isBusy(e) ? BUSY : "Agent error (HTTP " + e.status() + ").");
      case LOST, TOO_LARGE, NOT_JSON -> lost();
    };
  }

  static ObjectNode lost() {
    return error(LOST);
  }

  static ObjectNode silent() {
    return error(SILENT);
  }

  static ObjectNode cancelled() {
    return error(CANCELLED).put("code", "cancelled");
  }

  static ObjectNode restarting() {
    return error(RESTARTING).put("code", "restarting");
  }

  private static ObjectNode error(String content) {
    return Json.object().put("type", "error").put("content", content);
  }
}
