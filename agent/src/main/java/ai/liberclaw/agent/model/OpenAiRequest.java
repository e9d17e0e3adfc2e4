package ai.liberclaw.agent.model;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A request as OpenAI's chat completions want it. */
final class OpenAiRequest {
  private OpenAiRequest() {}

  static byte[] bytes(String model, ModelRequest request, Mode mode) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 * 1024);
    try (JsonGenerator json = JsonText.generator(bytes)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      json.writeArrayFieldStart("messages");
      for (Message message : request.messages()) {
        write(json, message);
      }
      json.writeEndArray();
      if (mode.tools() && !request.tools().isEmpty()) {
        json.writeArrayFieldStart("tools");
        for (ToolDefinition tool : request.tools()) {
          write(json, tool);
        }
        json.writeEndArray();
      }
      if (mode.streaming()) {
        json.writeBooleanField("stream", true);
        json.writeObjectFieldStart("stream_options");
        json.writeBooleanField("include_usage", true);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, Message message) throws IOException {
    json.writeStartObject();
    switch (message) {
      case Message.System(String content) -> {
        json.writeStringField("role", "system");
        text(json, "content", content);
      }
      case Message.User(String content, List<Image> images) -> {
        json.writeStringField("role", "user");
        if (images.isEmpty()) {
          text(json, "content", content);
        } else {
          blocks(json, content, images);
        }
      }
      case Message.Assistant assistant -> {
        json.writeStringField("role", "assistant");
        if (!assistant.content().isEmpty() || assistant.toolCalls().isEmpty()) {
          text(json, "content", assistant.content());
        }
        if (!assistant.toolCalls().isEmpty()) {
          json.writeArrayFieldStart("tool_calls");
          for (ToolCall call : assistant.toolCalls()) {
            write(json, call);
          }
          json.writeEndArray();
        }
      }
      case Message.Tool(String callId, String content) -> {
        json.writeStringField("role", "tool");
        text(json, "tool_call_id", callId);
        text(json, "content", content);
      }
    }
    json.writeEndObject();
  }

  private static void blocks(JsonGenerator json, String content, List<Image> images)
      throws IOException {
    json.writeArrayFieldStart("content");
    json.writeStartObject();
    json.writeStringField("type", "text");
    text(json, "text", content);
    json.writeEndObject();
    for (Image image : images) {
      json.writeStartObject();
      json.writeStringField("type", "image_url");
      json.writeObjectFieldStart("image_url");
      json.writeStringField("url", image.dataUrl());
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, ToolCall call) throws IOException {
    json.writeStartObject();
    text(json, "id", call.id());
    json.writeStringField("type", "function");
    json.writeObjectFieldStart("function");
    text(json, "name", call.name());
    // Some servers refuse a whole request for one call whose arguments are not JSON.
    text(json, "arguments", JsonText.isValid(call.arguments()) ? call.arguments() : "{}");
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, ToolDefinition tool) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "function");
    json.writeObjectFieldStart("function");
    json.writeStringField("name", tool.name());
    text(json, "description", tool.description());
    json.writeFieldName("parameters");
    json.writeTree(tool.parameters());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void text(JsonGenerator json, String name, String value) throws IOException {
    json.writeStringField(name, JsonText.wellFormed(value));
  }
}
