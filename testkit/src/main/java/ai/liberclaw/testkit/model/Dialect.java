package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** The three wires a model may be behind, told apart by the path. */
enum Dialect {
  OPENAI,
  ANTHROPIC,
  OLLAMA;

  static Optional<Dialect> of(String path) {
    if (path.endsWith("/chat/completions")) {
      return Optional.of(OPENAI);
    }
    if (path.endsWith("/v1/messages")) {
      return Optional.of(ANTHROPIC);
    }
    return path.equals("/api/chat") ? Optional.of(OLLAMA) : Optional.empty();
  }

  /** Ollama streams unless told not to, the others when told to. */
  boolean streams(ObjectNode request) {
    return request.path("stream").asBoolean(this == OLLAMA);
  }

  String streamType() {
    return this == OLLAMA ? "application/x-ndjson" : "text/event-stream";
  }

  /** The JSON documents of a stream. */
  List<String> events(ModelAnswer answer, String model) {
    if (!answer.chunks().isEmpty()) {
      return answer.chunks();
    }
    return switch (this) {
      case OPENAI -> AnswerJson.events(answer, model);
      case ANTHROPIC -> AnthropicJson.events(answer, model);
      case OLLAMA -> OllamaJson.events(answer, model);
    };
  }

  /** The answer in one piece. */
  String whole(ModelAnswer answer, String model) {
    return switch (this) {
      case OPENAI -> AnswerJson.whole(answer, model);
      case ANTHROPIC -> AnthropicJson.whole(answer, model);
      case OLLAMA -> OllamaJson.whole(answer, model);
    };
  }

  /** One document as the stream carries it. */
  String frame(String json, String lineEnd) {
    return switch (this) {
      case OPENAI -> "data: " + json + lineEnd + lineEnd;
      case ANTHROPIC -> "event: " + type(json) + lineEnd + "data: " + json + lineEnd + lineEnd;
      case OLLAMA -> json + lineEnd;
    };
  }

  /** What a server says in the middle of a stream when it gives up. */
  String error() {
    return switch (this) {
      case OPENAI -> "{\"error\":{\"message\":\"internal failure in worker 7\"}}";
      case ANTHROPIC ->
          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
      case OLLAMA -> "{\"error\":\"the runner process has terminated\"}";
    };
  }

  String malformed() {
    return switch (this) {
      case OPENAI -> "{\"choices\":[{\"delta\":{";
      case ANTHROPIC -> "{\"type\":\"content_block_delta\",\"delta\":{";
      case OLLAMA -> "{\"message\":{\"content\":";
    };
  }

  /** The body of an HTTP error. */
  String error(String message) {
    ObjectNode body = Json.object();
    switch (this) {
      case OPENAI ->
          body.putObject("error").put("message", message).put("type", "invalid_request_error");
      case ANTHROPIC ->
          body.put("type", "error")
              .putObject("error")
              .put("type", "invalid_request_error")
              .put("message", message);
      case OLLAMA -> body.put("error", message);
    }
    return Json.write(body);
  }

  /** The first rule of a strict server that the request breaks. */
  Optional<String> violation(ObjectNode request) {
    return switch (this) {
      case OPENAI -> HistoryRules.violation(request);
      case ANTHROPIC -> AnthropicRules.violation(request);
      case OLLAMA -> OllamaRules.violation(request);
    };
  }

  private static String type(String json) {
    try {
      return Json.parse(json).path("type").asText("unknown");
    } catch (JsonException _) {
      return "unknown";
    }
  }
}
