package ai.liberclaw.agent.approval;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.RawResponse.Event;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** A client of an agent that can be asked about tool calls. */
final class Asking {
  /** A command that a guard rail catches; it leaves a line in the file {@code effect}. */
  static final String RISKY = TestAgent.bash("env > /dev/null; echo ran >> effect");

  private final int port;

  Asking(int port) {
    this.port = port;
  }

  RawResponse say(String chatId, String message) throws IOException {
    return request(
        "POST", "/chat", Json.write(TestAgent.message(chatId, message).put("approvals", true)));
  }

  /** Reads to the next question and answers it. */
  String answer(RawResponse stream, String decision) throws IOException {
    String id = stream.until("approval_required").json().path("approval_id").asText();
    expect(200, id, decision);
    return id;
  }

  void expect(int status, String id, String decision) throws IOException {
    String body = Json.write(Json.object().put("decision", decision).put("by", "user:ada"));
    try (RawResponse answer = request("POST", "/approvals/" + id, body)) {
      if (answer.status() != status) {
        throw new AssertionError(answer.status() + " " + answer.text());
      }
    }
  }

  JsonNode list(String query) throws IOException {
    try (RawResponse answer = request("GET", "/approvals" + query, "")) {
      return answer.json();
    }
  }

  RawResponse request(String method, String path, String body) throws IOException {
    return TestAgent.request(port, method, path, body);
  }

  static List<String> types(List<Event> events) {
    return events.stream().map(Event::type).toList();
  }
}
