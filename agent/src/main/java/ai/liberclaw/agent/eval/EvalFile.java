package ai.liberclaw.agent.eval;

import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.Usage;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads cases: a file holds one, or a list of them. */
final class EvalFile {
  private static final String CHAT_ID_DEFAULT = "eval";
  private static final int STEPS_DEFAULT = 50;

  private EvalFile() {}

  /**
   * @throws EvalFault naming what is wrong, for whoever wrote the file
   */
  static List<EvalCase> read(Path file) throws EvalFault {
    JsonNode json;
    try {
      json = Json.parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new EvalFault("it cannot be read");
    } catch (JsonException e) {
      throw new EvalFault("it is not JSON: " + e.getMessage());
    }
    List<EvalCase> cases = new ArrayList<>();
    String stem = String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
    for (JsonNode one : json.isArray() ? json : Json.array().add(json)) {
      String name = cases.isEmpty() && !json.isArray() ? stem : stem + "-" + (cases.size() + 1);
      cases.add(evalCase(one, name));
    }
    return cases;
  }

  private static EvalCase evalCase(JsonNode json, String nameDefault) throws EvalFault {
    if (!json.isObject()) {
      throw new EvalFault("a case must be an object");
    }
    String input = text(json, "input", "");
    if (input.isBlank()) {
      throw new EvalFault("'input' is missing or blank");
    }
    JsonNode expected = json.path("expect");
    JsonNode last = expected.path("final_contains");
    List<Reply> responses = new ArrayList<>();
    for (JsonNode response : json.path("responses")) {
      responses.add(reply(response, responses.size() + 1));
    }
    int steps = json.path("max_iterations").asInt(STEPS_DEFAULT);
    if (steps < 1) {
      throw new EvalFault("'max_iterations' must be at least 1");
    }
    return new EvalCase(
        text(json, "name", nameDefault),
        input,
        text(json, "chat_id", CHAT_ID_DEFAULT),
        map(json.path("workspace_files"), "workspace_files"),
        List.copyOf(responses),
        steps,
        new EvalCase.Expected(
            last.isTextual() ? List.of(last.asText()) : list(last, "final_contains"),
            map(expected.path("files"), "files"),
            list(expected.path("history_roles"), "history_roles"),
            list(expected.path("events"), "events")));
  }

  private static Reply reply(JsonNode json, int number) throws EvalFault {
    List<ToolCall> calls = new ArrayList<>();
    for (JsonNode call : json.path("tool_calls")) {
      String name = text(call, "name", "");
      if (name.isEmpty()) {
        throw new EvalFault("a tool call of response " + number + " has no 'name'");
      }
      JsonNode arguments = call.path("arguments");
      String id = text(call, "id", "call_" + number + "_" + (calls.size() + 1));
      calls.add(
          new ToolCall(
              id,
              name,
              arguments.isTextual()
                  ? arguments.asText()
                  : Json.write(arguments.isMissingNode() ? Json.object() : arguments)));
    }
    return new Reply(text(json, "content", ""), calls, Usage.unknown());
  }

  private static String text(JsonNode json, String name, String byDefault) throws EvalFault {
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return byDefault;
    }
    if (!value.isTextual()) {
      throw new EvalFault("'" + name + "' must be text");
    }
    return value.asText();
  }

  private static List<String> list(JsonNode json, String name) throws EvalFault {
    List<String> list = new ArrayList<>();
    if (!json.isMissingNode() && !json.isNull() && !json.isArray()) {
      throw new EvalFault("'" + name + "' must be a list of texts");
    }
    for (JsonNode value : json) {
      list.add(value.asText());
    }
    return List.copyOf(list);
  }

  private static Map<String, String> map(JsonNode json, String name) throws EvalFault {
    Map<String, String> map = new LinkedHashMap<>();
    if (!json.isMissingNode() && !json.isNull() && !json.isObject()) {
      throw new EvalFault("'" + name + "' must be an object of texts by path");
    }
    json.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }
}
