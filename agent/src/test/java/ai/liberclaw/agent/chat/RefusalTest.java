package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the chat routes refuse, and how. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RefusalTest {
  private TestAgent agent;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    agent = TestAgent.start(folder);
  }

  @AfterAll
  void stop() {
    agent.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                     | message,chat_id",
        "{\"message\":\"\",\"chat_id\":\"c\"}                   | message",
        "{\"message\":\" \\n\",\"chat_id\":\"c\"}               | message",
        "{\"message\":5,\"chat_id\":\"c\"}                      | message",
        "{\"message\":[{\"type\":\"text\"}],\"chat_id\":\"c\"}  | message",
        "{\"message\":\"x\",\"chat_id\":\"\"}                   | chat_id",
        "{\"message\":\"x\",\"chat_id\":null}                   | chat_id",
        "{\"message\":\"x\",\"chat_id\":\"c\",\"mode\":\"y\"}   | mode",
        "{\"message\":\"x\",\"chat_id\":\"c\",\"deltas\":\"y\"} | deltas",
        "{\"message\":\"x\",\"chat_id\":\"c\",\"client_message_id\":\"\"} | client_message_id",
      })
  void aFaultyMessageIsRefusedByTheNameOfItsFields(String body, String fields)
      throws IOException {
    try (RawResponse response = agent.request("POST", "/chat", body)) {
      assertEquals(422, response.status());
      StringBuilder named = new StringBuilder();
      for (JsonNode fault : response.json().path("detail")) {
        assertEquals("body", fault.path("loc").path(0).asText());
        assertTrue(fault.path("type").isTextual() && fault.path("msg").isTextual());
        named.append(named.isEmpty() ? "" : ",").append(fault.path("loc").path(1).asText());
      }
      assertEquals(fields, named.toString());
    }
  }

  @Test
  void malformedJsonIsRefusedAndHugeBodiesAreNotRead() throws IOException {
    try (RawResponse response = agent.request("POST", "/chat", "{\"message\":")) {
      assertEquals(422, response.status());
      assertEquals("json_invalid", response.json().path("detail").path(0).path("type").asText());
    }
    for (long bytes : List.of(ChatRoutes.BODY_BYTES_MAX + 1L, 200_000_000L)) {
      try (RawResponse response =
          RawResponse.announce(
              agent.port(), "/chat", Map.of("Authorization", TestAgent.SECRET), bytes)) {
        assertEquals(413, response.status());
      }
    }
  }

  @Test
  void unknownPathsAndMethodsHaveTheOriginalsAnswers() throws IOException {
    try (RawResponse response = agent.get("/chat/c/nothing")) {
      assertEquals(404, response.status());
      assertEquals("{\"detail\":\"Not Found\"}", response.text());
    }
    try (RawResponse response = agent.request("PUT", "/chat", "{}")) {
      assertEquals(405, response.status());
      assertEquals("POST", response.header("Allow").orElseThrow());
      assertEquals("{\"detail\":\"Method Not Allowed\"}", response.text());
    }
  }

  @Test
  void theHistoryLimitIsChecked() throws IOException {
    agent.sayToTheEnd("h", "one");
    agent.sayToTheEnd("h", "two");
    try (RawResponse response = agent.get("/chat/h/history?limit=x")) {
      assertEquals(422, response.status());
      assertEquals(
          "[\"query\",\"limit\"]",
          response.json().path("detail").path(0).path("loc").toString());
    }
    assertEquals(0, events("/chat/h/history?limit=0"));
    assertEquals(1, events("/chat/h/history?limit=1"));
    assertEquals(4, events("/chat/h/history?limit=-1"));
    assertEquals(4, events("/chat/h/history?limit=99999"));
    assertEquals(4, events("/chat/h/history"));
    assertEquals(0, events("/chat/nobody/history"));
  }

  private int events(String path) throws IOException {
    try (RawResponse response = agent.get(path)) {
      return response.json().path("messages").size();
    }
  }
}
