package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Messages of JSON-RPC 2.0 (https://www.jsonrpc.org/specification). */
final class Rpc {
  /** Bytes one message may have. */
  static final int MESSAGE_BYTES_MAX = 16 << 20;

  private static final int METHOD_NOT_FOUND = -32601;
  private static final int ERROR_LENGTH_MAX = 500;

  private Rpc() {}

  static ObjectNode request(long id, String method, ObjectNode params) {
    ObjectNode message = notification(method, params);
    return message.put("id", id);
  }

  static ObjectNode notification(String method, ObjectNode params) {
    ObjectNode message = Json.object().put("jsonrpc", "2.0").put("method", method);
    if (!params.isEmpty()) {
      message.set("params", params);
    }
    return message;
  }

  /** Tells a server that nobody waits for the answer to this request any more. */
  static ObjectNode cancelled(long id, String reason) {
    return notification(
        "notifications/cancelled", Json.object().put("requestId", id).put("reason", reason));
  }

  /** A request or notification of the server's: ids of its own may equal ours. */
  static boolean isFromServer(JsonNode message) {
    return message.path("method").isTextual();
  }

  /** The request of ours that this answers; empty when it answers none. */
  static Optional<Long> answered(JsonNode message) {
    JsonNode id = message.path("id");
    return isFromServer(message) || !id.isIntegralNumber()
        ? Optional.empty()
        : Optional.of(id.asLong());
  }

  /** What the server is told in return; empty for a notification. */
  static Optional<ObjectNode> answer(JsonNode message) {
    JsonNode id = message.path("id");
    if (id.isMissingNode() || id.isNull()) {
      return Optional.empty();
    }
    ObjectNode answer = Json.object().put("jsonrpc", "2.0");
    answer.set("id", id);
    if (message.path("method").asText().equals("ping")) {
      answer.putObject("result");
    } else {
      answer.putObject("error").put("code", METHOD_NOT_FOUND).put("message", "Method not found");
    }
    return Optional.of(answer);
  }

  /** Whether this says that the server's tools are others now. */
  static boolean isToolListChange(JsonNode message) {
    return message.path("method").asText().equals("notifications/tools/list_changed");
  }

  /**
   * The result of an answer.
   *
   * @throws McpException the answer is an error, or none at all
   */
  static JsonNode result(JsonNode answer) throws McpException {
    JsonNode error = answer.path("error");
    if (error.isObject()) {
      throw McpException.refused(
          "error "
              + error.path("code").asInt()
              + ": "
              + Line.of(error.path("message").asText("(no message)"), ERROR_LENGTH_MAX));
    }
    if (!answer.path("result").isObject()) {
      throw McpException.transport("answered with neither a result nor an error");
    }
    return answer.path("result");
  }
}
