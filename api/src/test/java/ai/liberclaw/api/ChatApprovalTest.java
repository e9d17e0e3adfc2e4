package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.OURS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An agent's questions about its tool calls, answered by nobody but whom they are asked of. */
@ExtendWith(Postgres.Extension.class)
class ChatApprovalTest {
  private static final String ONCE = "{\"decision\":\"once\"}";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static ObjectNode approval(String id, String chatId, String status) {
    return Json.object().put("id", id).put("chat_id", chatId).put("status", status);
  }

  /** Lists whatever it has to whoever asks, as a careless agent might. */
  private static StubAgent asking(TestChat chat, StubAgent stub) {
    return stub.on(
            "GET /approvals",
            (request, c) -> {
              ObjectNode answer = Json.object();
              var list =
                  answer
                      .putArray("approvals")
                      .add(approval("waiting-1", chat.id(), "pending"))
                      .add(approval("a/../b", chat.id(), "pending"))
                      .add(approval("foreign", "tg:42", "pending"));
              if (request.path().contains("status=all")) {
                list.add(approval("late", chat.id(), "expired"));
              }
              c.json(200, answer.toString());
            })
        .on("POST /approvals/", (_, c) -> c.json(200, "{\"status\":\"ok\"}"));
  }

  @Test
  void questionsOfTheConversationAreListedAndAnswered() throws Exception {
    try (StubAgent stub = new StubAgent(OURS)) {
      TestChat chat = TestChat.with(api, stub);
      asking(chat, stub);
      JsonNode listed = Json.parse(chat.call("GET", "/approvals").body()).path("approvals");
      assertEquals(2, listed.size(), listed.toString());
      assertEquals(approval("waiting-1", chat.id(), "pending"), listed.path(0));
      assertTrue(stub.requests("GET /approvals").getFirst().path().contains("chat_id="));

      HttpResponse<String> decided = chat.call("POST", "/approvals/waiting-1", ONCE);
      assertEquals(200, decided.statusCode(), decided.body());
      assertEquals("{\"status\":\"ok\"}", decided.body());
      StubAgent.Request sent = stub.requests("POST /approvals/").getFirst();
      assertEquals("/approvals/waiting-1", sent.path());
      assertEquals(
          Json.object().put("decision", "once").put("by", "user:" + chat.user()),
          Json.parse(sent.body()));
    }
  }

  @Test
  void whatBelongsToAnotherConversationIsNotFoundAndWhatIsOverIsTooLate() throws Exception {
    try (StubAgent stub = new StubAgent(OURS)) {
      TestChat chat = TestChat.with(api, stub);
      asking(chat, stub);
      for (String id : List.of("foreign", "unknown", "a%2F..%2Fb", "%00")) {
        HttpResponse<String> missing = chat.call("POST", "/approvals/" + id, ONCE);
        assertEquals(404, missing.statusCode(), id);
        assertEquals("{\"detail\":\"Approval not found\"}", missing.body(), id);
      }
      HttpResponse<String> late = chat.call("POST", "/approvals/late", ONCE);
      assertEquals(409, late.statusCode());
      assertEquals("{\"detail\":\"Approval already decided or expired\"}", late.body());
      for (String body : List.of("{}", "{\"decision\":\"perhaps\"}", "{\"decision\":1}", "{")) {
        assertEquals(422, chat.call("POST", "/approvals/foreign", body).statusCode(), body);
      }
      assertEquals(List.of(), stub.requests("POST /approvals/"));
      assertEquals(
          404, TestChat.with(api, stub).call("POST", "/approvals/late", ONCE).statusCode());
    }
  }

  @Test
  void whatTheAgentAnswersToADecisionIsSaidInOurWords() throws Exception {
    try (StubAgent stub = new StubAgent(OURS)) {
      TestChat chat = TestChat.with(api, stub);
      asking(chat, stub);
      for (Map.Entry<Integer, Integer> answer :
          Map.of(404, 404, 409, 409, 422, 502, 500, 502, 401, 502).entrySet()) {
        stub.on("POST /approvals/", (_, c) -> c.json(answer.getKey(), "{\"error\":\"x\"}"));
        HttpResponse<String> decided = chat.call("POST", "/approvals/waiting-1", ONCE);
        assertEquals(answer.getValue(), decided.statusCode(), answer + decided.body());
      }
      stub.on("GET /approvals", (_, c) -> c.reset());
      HttpResponse<String> lost = chat.call("GET", "/approvals");
      assertEquals(502, lost.statusCode());
      assertEquals("{\"detail\":\"Could not reach agent\"}", lost.body());
    }
  }

  @Test
  void anOriginalAgentAsksNothing() throws Exception {
    try (StubAgent stub = new StubAgent()) {
      TestChat chat = TestChat.with(api, stub);
      assertEquals("{\"approvals\":[]}", chat.call("GET", "/approvals").body());
      assertEquals(404, chat.call("POST", "/approvals/x", ONCE).statusCode());
      assertEquals(List.of(), stub.requests("GET /approvals"));
    }
  }
}
