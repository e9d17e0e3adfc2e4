package ai.liberclaw.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The description of the API as a page for people. */
final class ApiReference {
  private final JsonNode document;
  private final StringBuilder page = new StringBuilder();

  ApiReference(JsonNode document) {
    this.document = document;
  }

  String markdown() {
    page.setLength(0);
    line("# API reference");
    line("");
    line("Written by `make reference` from the OpenAPI document, which the server shows at");
    line("`/openapi.json` when `LIBERCLAW_OPENAPI=true`. Do not edit this page.");
    line("");
    line(document.at("/info/description").asText());
    line("");
    line("Errors are `{\"detail\": text}`; a body, query or path of the wrong shape is 422 with");
    line(
        "`{\"detail\": [{\"type\", \"loc\", \"msg\", \"input\", \"ctx\"?}]}`. *Bearer* is the access");
    line("token of a sign-in; where a scope is named, a personal access token with it does too.");
    for (JsonNode tag : document.get("tags")) {
      section(tag.path("name").asText());
    }
    line("");
    line("## Objects");
    document.at("/components/schemas").properties().forEach(this::object);
    return page.toString();
  }

  private void section(String tag) {
    line("");
    line("## " + tag);
    document
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation -> {
                  if (operation.getValue().at("/tags/0").asText().equals(tag)) {
                    operation(operation.getKey(), path.getKey(), operation.getValue());
                  }
                }));
  }

  private void operation(String method, String path, JsonNode operation) {
    line("");
    line("### `" + method.toUpperCase(Locale.ROOT) + " " + path + "`");
    line("");
    line(operation.path("summary").asText() + ". " + caller(operation.get("security")));
    if (operation.has("description")) {
      line(operation.get("description").asText());
    }
    if (operation.has("parameters") || operation.has("requestBody")) {
      line("");
      for (JsonNode parameter : operation.path("parameters")) {
        line(
            "- "
                + parameter.path("in").asText()
                + " `"
                + parameter.path("name").asText()
                + "`: "
                + type(parameter.get("schema"))
                + text(parameter));
      }
      operation
          .at("/requestBody/content")
          .properties()
          .forEach(content -> {
            String media =
                content.getKey().equals("application/json") ? "" : " (" + content.getKey() + ")";
            line("- body" + media + ": " + type(content.getValue().get("schema")));
          });
    }
    line("");
    List<String> errors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> response : operation.get("responses").properties()) {
      if (response.getValue().has("$ref")) {
        errors.add(response.getKey());
      } else {
        answer(response.getKey(), response.getValue());
      }
    }
    if (!errors.isEmpty()) {
      line("- errors: " + String.join(", ", errors));
    }
  }

  private void answer(String status, JsonNode response) {
    StringBuilder shape = new StringBuilder();
    response
        .path("content")
        .properties()
        .forEach(content -> {
          String media =
              content.getKey().equals("application/json") ? "" : content.getKey() + " of ";
          shape.append(" — ").append(media).append(type(content.getValue().get("schema")));
        });
    line("- **" + status + "** " + response.path("description").asText() + shape);
  }

  private static String caller(JsonNode security) {
    if (security.isEmpty()) {
      return "For everybody.";
    }
    if (security.get(0).isEmpty()) {
      return "For everybody; a guest's bearer upgrades the guest.";
    }
    for (JsonNode way : security) {
      if (way.has("personalToken")) {
        return "Bearer, or scope `" + way.at("/personalToken/0").asText() + "`.";
      }
    }
    return "Bearer.";
  }

  private void object(Map.Entry<String, JsonNode> schema) {
    line("");
    line("### " + schema.getKey());
    line("");
    JsonNode described = schema.getValue();
    if (described.has("description")) {
      line(described.get("description").asText());
      line("");
    }
    described
        .path("properties")
        .properties()
        .forEach(field ->
            line("- `" + field.getKey() + "`: " + type(field.getValue()) + text(field.getValue())));
  }

  private String type(JsonNode schema) {
    if (schema.has("$ref")) {
      String reference = schema.get("$ref").asText();
      String name = reference.substring(reference.lastIndexOf('/') + 1);
      return "[" + name + "](#" + name.toLowerCase(Locale.ROOT) + ")";
    }
    if (schema.has("anyOf")) {
      List<String> choices = new ArrayList<>();
      schema.get("anyOf").forEach(choice -> choices.add(type(choice)));
      return String.join(" or ", choices);
    }
    if (schema.has("const")) {
      return "`" + schema.get("const").asText() + "`";
    }
    if (schema.has("enum")) {
      List<String> choices = new ArrayList<>();
      schema.get("enum").forEach(choice -> choices.add("`" + choice.asText() + "`"));
      return String.join(" · ", choices);
    }
    return plain(schema) + limits(schema);
  }

  private String plain(JsonNode schema) {
    List<String> types = new ArrayList<>();
    if (schema.path("type").isArray()) {
      schema.get("type").forEach(type -> types.add(type.asText()));
    } else {
      types.add(schema.path("type").asText("anything"));
    }
    List<String> words = new ArrayList<>();
    for (String type : types) {
      words.add(
          switch (type) {
            case "array" -> "array of " + type(schema.get("items"));
            case "object" -> schema.has("properties") ? fields(schema) : "object";
            default ->
                schema.has("format") && !type.equals("null") ? schema.get("format").asText() : type;
          });
    }
    return String.join(" or ", words);
  }

  private String fields(JsonNode schema) {
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    List<String> fields = new ArrayList<>();
    schema
        .get("properties")
        .properties()
        .forEach(field ->
            fields.add(
                "`"
                    + field.getKey()
                    + "`"
                    + (required.contains(field.getKey()) ? " " : "? ")
                    + type(field.getValue())));
    return "{ " + String.join(", ", fields) + " }";
  }

  private static String limits(JsonNode schema) {
    List<String> limits = new ArrayList<>();
    range(schema, "minLength", "maxLength", " characters", limits);
    range(schema, "minItems", "maxItems", " items", limits);
    range(schema, "minimum", "maximum", "", limits);
    if (schema.has("pattern")) {
      limits.add("`" + schema.get("pattern").asText() + "`");
    }
    if (schema.has("default")) {
      limits.add("default " + schema.get("default").asText());
    }
    return limits.isEmpty() ? "" : " (" + String.join(", ", limits) + ")";
  }

  private static void range(
      JsonNode schema, String min, String max, String unit, List<String> limits) {
    if (schema.has(min) && schema.has(max)) {
      limits.add(schema.get(min).asText() + " to " + schema.get(max).asText() + unit);
    } else if (schema.has(max)) {
      limits.add("at most " + schema.get(max).asText() + unit);
    } else if (schema.has(min)) {
      limits.add("at least " + schema.get(min).asText() + unit);
    }
  }

  private static String text(JsonNode node) {
    return node.has("description") ? " — " + node.get("description").asText() : "";
  }

  private void line(String text) {
    page.append(text).append('\n');
  }
}
