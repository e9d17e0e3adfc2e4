package ai.liberclaw.api.inference;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.ErrorBody;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** How an API words errors, so that its clients understand them. */
enum ErrorShape implements ErrorBody {
  OPENAI {
    @Override
    public ObjectNode of(int status, String message) {
      ObjectNode body = Json.object();
      body.putObject("error")
          .put("message", message)
          .put("type", type(status))
          .putNull("param")
          .put("code", code(status, message));
      return body;
    }

    @Override
    byte[] event(int status, String message) {
      return ("data: " + Json.writeAscii(of(status, message)) + "\n\n")
          .getBytes(StandardCharsets.US_ASCII);
    }

    private static String type(int status) {
      return switch (status) {
        case 402 -> "insufficient_quota";
        case 429 -> "rate_limit_error";
        default -> status >= 500 ? "server_error" : "invalid_request_error";
      };
    }

    private static String code(int status, String message) {
      return switch (status) {
        case 401 -> "invalid_api_key";
        case 402 -> "budget_exceeded";
        case 404 -> "model_not_found";
        case 413 -> "request_too_large";
        case 429 -> "rate_limit_exceeded";
        case 503 -> "service_unavailable";
        case 504 -> "timeout";
        default ->
            isOverflow(message)
                ? "context_length_exceeded"
                : status >= 500 ? "server_error" : "invalid_request";
      };
    }
  },
  ANTHROPIC {
    @Override
    public ObjectNode of(int status, String message) {
      ObjectNode body = Json.object().put("type", "error");
      body.putObject("error").put("type", type(status)).put("message", message);
      return body;
    }

    @Override
    byte[] event(int status, String message) {
      return ("event: error\ndata: " + Json.writeAscii(of(status, message)) + "\n\n")
          .getBytes(StandardCharsets.US_ASCII);
    }

    private static String type(int status) {
      return switch (status) {
        case 401 -> "authentication_error";
        case 402 -> "billing_error";
        case 403 -> "permission_error";
        case 404 -> "not_found_error";
        case 413 -> "request_too_large";
        case 429 -> "rate_limit_error";
        case 503 -> "overloaded_error";
        case 504 -> "timeout_error";
        default -> status >= 500 ? "api_error" : "invalid_request_error";
      };
    }
  };

  /** The event that ends a stream which has begun. */
  abstract byte[] event(int status, String message);

  /** Whether a service's words mean that a prompt is longer than the model's context. */
  static boolean isOverflow(String words) {
    String text = words.toLowerCase(java.util.Locale.ROOT);
    return text.contains("context length")
        || text.contains("context_length")
        || text.contains("context window")
        || text.contains("maximum context")
        || text.contains("maximum number of tokens")
        || text.contains("too many tokens")
        || text.contains("prompt is too long");
  }
}
