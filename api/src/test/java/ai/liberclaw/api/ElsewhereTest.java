package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An agent on a loopback port of another machine: here somebody else answers on that port. */
@ExtendWith(Postgres.Extension.class)
class ElsewhereTest {
  @Test
  void anAgentOnAnotherMachineIsOutOfReachAndNeverAsked(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres);
        StubAgent stranger = new StubAgent()) {
      TestChat chat = TestChat.with(api, stranger);
      move(api, chat.agent(), stranger);

      HttpResponse<String> health =
          api.call("GET", "/agents/" + chat.agent() + "/health", chat.token(), null);
      assertEquals(200, health.statusCode(), health.body());
      JsonNode told = Json.parse(health.body());
      assertTrue(!told.get("healthy").booleanValue() && told.get("agent_version").isNull());

      assertAnswer(200, "{\"messages\":[]}", chat.call("GET", "/history"));
      assertAnswer(
          502, "{\"detail\":\"Could not reach agent\"}", chat.call("GET", "/history?strict=true"));
      assertAnswer(200, "{\"messages\":[]}", chat.call("GET", "/pending"));
      assertAnswer(
          502, "{\"detail\":\"Failed to clear chat on agent VM\"}", chat.call("DELETE", ""));
      assertAnswer(502, "{\"detail\":\"Could not reach agent\"}", chat.call("GET", "/active"));
      assertAnswer(
          502,
          "{\"detail\":\"Could not reach agent\"}",
          api.call("GET", "/files/" + chat.agent() + "/tree", chat.token(), null));
      try (ChatClient client = chat.send(TestChat.HELLO)) {
        List<JsonNode> events = client.events();
        assertEquals(List.of("error", "done"), TestChat.types(events));
        assertEquals(
            "Could not connect to agent after multiple attempts.",
            events.getFirst().path("content").asText());
      }
      assertEquals(0, chat.counted());
      assertEquals(List.of(), stranger.requests(""));
    }
  }

  /** The agent's home is where the stranger is, but on a machine that is not this one. */
  private static void move(TestApi api, UUID agent, StubAgent stranger) {
    UUID instance = UUID.randomUUID();
    int port = URI.create(stranger.origin()).getPort();
    api.sql()
        .execute(
            "insert into instances (id, agent_id, provider, state, endpoint) values"
                + " ({0}, {1}, 'ssh', 'running', {2}::jsonb)",
            DSL.val(instance),
            DSL.val(agent),
            DSL.val("{\"type\":\"loopback\",\"machine\":\"another\",\"port\":" + port + "}"));
    api.sql()
        .execute(
            "update agents set instance_id = {0}, provider = 'ssh' where id = {1}",
            DSL.val(instance), DSL.val(agent));
  }

  private static void assertAnswer(int status, String body, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(body, answer.body());
  }
}
