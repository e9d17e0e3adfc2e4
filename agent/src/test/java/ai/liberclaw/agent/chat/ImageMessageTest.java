package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.agent.image.Pictures;
import ai.liberclaw.agent.model.ModelSettings;
import ai.liberclaw.agent.model.Painter;
import ai.liberclaw.agent.tool.GenerateImageTool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages with pictures, from the client to the model and back. */
@Timeout(30)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ImageMessageTest {
  private static final String RED = Pictures.dataUrl("png", 8, 4);
  private static final String LARGE = Pictures.dataUrl("png", 1500, 900);

  private final ModelServer model = ModelServer.start();
  private TestAgent agent;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    agent = TestAgent.start(folder, TestAgent.asking(model));
  }

  @AfterAll
  void close() {
    agent.close();
    model.close();
  }

  private static String body(String chat, String text, String... urls) {
    ObjectNode body = Json.object().put("chat_id", chat);
    ArrayNode blocks = body.putArray("message");
    blocks.addObject().put("type", "text").put("text", text);
    for (String url : urls) {
      blocks.addObject().put("type", "image_url").putObject("image_url").put("url", url);
    }
    return Json.write(body);
  }

  private static List<String> types(RawResponse stream) throws IOException {
    return stream.types().stream().filter(type -> !type.equals("keepalive")).toList();
  }

  @Test
  void aSeeingModelIsShownThePicturesMadeSmall() throws IOException {
    try (RawResponse stream = agent.request("POST", "/chat", body("seen", "Look", RED, LARGE))) {
      assertEquals(List.of("text", "done"), types(stream));
    }
    JsonNode content = model.lastRequest().lastMessage().path("content");
    assertEquals("Look", content.at("/0/text").asText());
    assertEquals(RED, content.at("/1/image_url/url").asText());
    String small = content.at("/2/image_url/url").asText();
    assertTrue(small.startsWith("data:image/jpeg;base64,"));
    assertEquals(1024, Pictures.decoded(small.substring(small.indexOf(',') + 1)).getWidth());

    JsonNode said = agent.history("seen").path(0);
    assertEquals("Look", said.path("content").asText());
    assertEquals("user", said.path("name").asText());
    assertEquals(RED, said.at("/blocks/1/image_url/url").asText());

    // Later turns have them too.
    agent.sayToTheEnd("seen", "And now?");
    assertEquals(RED, model.lastRequest().messages().findValues("url").getFirst().asText());
    assertEquals(List.of(), model.violations());
  }

  @Test
  void readersAreToldTheBlocks() throws IOException {
    String message = body("held", TestAgent.holding("hold"), RED);
    try (RawResponse stream = agent.request("POST", "/chat", message)) {
      stream.until("tool_use");
      try (RawResponse active = agent.get("/chat/held/active")) {
        assertEquals(RED, active.json().at("/user_message/1/image_url/url").asText());
      }
      try (RawResponse follower = agent.stream("held", "")) {
        JsonNode meta = follower.until("stream_meta").json();
        assertEquals("image_url", meta.at("/user_message/1/type").asText());
      }
      agent.letGo("hold");
      stream.until("done");
    }
  }

  @Test
  void textThatLooksLikeBlocksButIsNotStaysText() throws IOException {
    String text = "[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"other\"}]";
    agent.sayToTheEnd("text", text);
    assertEquals(text, model.lastRequest().lastMessage().path("content").asText());
    assertEquals(text, agent.history("text").path(0).path("content").asText());
  }

  @Test
  void faultyBlocksAreRefusedByTheirPlace() throws IOException {
    Map<String, String> wrong = new HashMap<>();
    wrong.put("[]", "[\"body\",\"message\"]");
    wrong.put("[\"x\"]", "[\"body\",\"message\",0,\"type\"]");
    wrong.put("[{\"text\":\"x\"}]", "[\"body\",\"message\",0,\"type\"]");
    wrong.put("[{\"type\":\"audio\"}]", "[\"body\",\"message\",0,\"type\"]");
    wrong.put("[{\"type\":\"text\",\"text\":\" \"}]", "[\"body\",\"message\"]");
    wrong.put("[{\"type\":\"text\",\"text\":5}]", "[\"body\",\"message\",0,\"text\"]");
    wrong.put("[" + image(RED) + "]", "[\"body\",\"message\"]");
    String place = "[\"body\",\"message\",1,\"image_url\",\"url\"]";
    wrong.put(withText("https://example.org/a.png"), place);
    wrong.put(withText("data:image/png;base64,AAA*"), place);
    wrong.put(withText("data:image/png;base64,AAAA"), place);
    int asked = model.requests().size();
    for (Map.Entry<String, String> entry : wrong.entrySet()) {
      String request = "{\"chat_id\":\"c\",\"message\":" + entry.getKey() + "}";
      try (RawResponse response = agent.request("POST", "/chat", request)) {
        assertEquals(422, response.status(), entry.getKey());
        JsonNode fault = response.json().path("detail").path(0);
        assertEquals(entry.getValue(), fault.path("loc").toString(), entry.getKey());
      }
    }
    String[] eleven = new String[11];
    Arrays.fill(eleven, RED);
    try (RawResponse response = agent.request("POST", "/chat", body("c", "x", eleven))) {
      assertEquals(422, response.status());
      assertTrue(response.text().contains("At most 10 images"));
    }
    assertEquals(asked, model.requests().size());
  }

  private static String image(String url) {
    return "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" + url + "\"}}";
  }

  private static String withText(String url) {
    return "[{\"type\":\"text\",\"text\":\"x\"}," + image(url) + "]";
  }

  @Test
  void aBlindModelIsToldInWordsWhichTheRowKeeps(@TempDir Path folder) throws IOException {
    List<String> looked = new CopyOnWriteArrayList<>();
    try (ModelServer server = ModelServer.start()) {
      server.respond(request -> {
        if (request.path("model").asText().equals("claw-flash")) {
          looked.add(request.at("/messages/0/content/0/text").asText());
          return ModelAnswer.text(looked.getLast().equals("Colour?") ? "Red." : "a red square");
        }
        return ModelAnswer.text("I see.");
      });
      Map<String, String> variables = new HashMap<>(TestAgent.asking(server));
      variables.put("MODEL", "claw-large");
      try (TestAgent blind = TestAgent.start(folder, variables)) {
        try (RawResponse stream = blind.request("POST", "/chat", body("c", "Look", RED))) {
          RawResponse.Event delegated = stream.until("vision_delegation");
          assertEquals("1", delegated.json().path("image_id").asText());
          assertEquals("claw-flash", delegated.json().path("model").asText());
          assertEquals("ok", delegated.json().path("status").asText());
          assertEquals(1, delegated.seq());
          stream.until("done");
        }
        String told = server.lastRequest().lastMessage().path("content").asText();
        assertEquals("Look\n[Image 1: a red square]", told);
        assertEquals(1, looked.size());
      }
      try (TestAgent again = TestAgent.start(folder, variables)) {
        server.enqueue(
            ModelAnswer.call("vision_query", "{\"image_id\":\"1\",\"question\":\"Colour?\"}"));
        again.sayToTheEnd("c", "Ask");
        assertEquals(2, looked.size());
        String messages = server.lastRequest().messages().toString();
        assertTrue(messages.contains("[Image 1: a red square]"), messages);
        assertTrue(server.lastRequest().lastMessage().path("content").asText().contains("Red."));
        try (RawResponse info = again.get("/info")) {
          int steps = 3;
          int calls = info.json().at("/usage/total/calls").asInt();
          assertEquals(steps + looked.size(), calls, "what looks at pictures is counted too");
        }
      }
    }
  }

  @Test
  void aPictureIsMadeSavedAndSent() throws IOException {
    model.enqueue(ModelAnswer.call("generate_image", "{\"prompt\":\"a cat\",\"size\":\"64x32\"}"));
    String path;
    try (RawResponse stream = agent.say("drawn", "Draw")) {
      RawResponse.Event file = stream.until("file");
      assertEquals("a cat", file.json().path("caption").asText());
      path = file.json().path("path").asText();
      stream.until("done");
    }
    assertTrue(path.matches("images/[0-9a-f-]{36}\\.png"), path);
    assertTrue(Files.size(agent.workspace().resolve(path)) > 0);
    JsonNode asked =
        model.requests().stream()
            .filter(request -> request.path().endsWith("/images/generations"))
            .map(ModelServer.Request::body)
            .filter(request -> request.path("size").asText().equals("64x32"))
            .findFirst()
            .orElseThrow();
    assertEquals(
        "{\"model\":\"z-image-turbo\",\"prompt\":\"a cat\",\"size\":\"64x32\",\"n\":1,\"steps\":8}",
        Json.write(asked));
    List<String> types = new ArrayList<>();
    agent.history("drawn").forEach(event -> types.add(event.path("type").asText()));
    assertEquals(List.of("text", "tool_use", "file", "text"), types);
  }

  @Test
  void aPictureThatCannotBeMadeIsExplained(@TempDir Path folder) throws Exception {
    Map<ModelAnswer, String> faults =
        Map.of(
            ModelAnswer.error(400, "secret words"), "HTTP 400",
            ModelAnswer.completion("{\"data\":[]}"), "no picture",
            ModelAnswer.completion("{\"data\":[{\"b64_json\":\"AAAA\"}]}"), "no picture");
    try (ModelServer server = ModelServer.start()) {
      EnvReader env = new EnvReader(TestAgent.asking(server));
      Painter painter = new Painter(ModelSettings.fromEnv(env), Duration.ofSeconds(5));
      GenerateImageTool tool = new GenerateImageTool(painter, new Workspace(folder, List.of()));
      ToolContext context = new ToolContext("c", "t", "call", true);
      ObjectNode arguments = Json.object().put("prompt", "a cat");
      for (Map.Entry<ModelAnswer, String> fault : faults.entrySet()) {
        server.paint(_ -> fault.getKey());
        ToolResult result = tool.call(arguments, context);
        assertTrue(result.isError() && result.content().contains(fault.getValue()));
        assertFalse(result.content().contains("secret"));
      }
      String size = tool.call(arguments.put("size", "1025x7"), context).content();
      assertTrue(size.contains("multiple of 16"), size);
    }
  }
}
