package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secret of the agent that comes into a conversation is neither shown nor stored. */
final class SecretTextTest {
  private static final String SECRET = TestAgent.SECRET;

  @TempDir Path folder;

  /** What a model may say; the calls are run. */
  private static final List<ModelAnswer> REPLIES =
      List.of(
          ModelAnswer.text("it is " + SECRET),
          bash("echo " + SECRET),
          bash("echo " + SECRET + " | tr a-z A-Z >&2; exit 1"),
          bash("printf a-secret; echo -for-tests"),
          bash("printf a-secret-for-tests | base64"),
          ModelAnswer.call("read_file", argument("path", SECRET)),
          ModelAnswer.call("no_such_tool", argument("a", SECRET)),
          ModelAnswer.call("bash", SECRET));

  private static ModelAnswer bash(String command) {
    return ModelAnswer.call("bash", argument("command", command));
  }

  private static String argument(String name, String value) {
    return Json.write(Json.object().put(name, value));
  }

  @Test
  void w3NoSecretIsShownSentOrStored() throws IOException {
    try (ModelServer model = ModelServer.start()) {
      try (TestAgent agent = TestAgent.start(folder, TestAgent.asking(model))) {
        for (ModelAnswer reply : REPLIES) {
          model.enqueue(reply, ModelAnswer.text("done"), ModelAnswer.text("done"));
          try (RawResponse stream = agent.say("c", "go")) {
            assertNoSecret(reply.toString(), stream.text());
          }
          agent.sayToTheEnd("c", "and?");
          assertNoSecret(reply.toString(), model.lastRequest().messages().toString());
        }
        assertNoSecret("history", agent.history("c").toString());
      }
      assertEquals(List.of(), model.violations());
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          assertNoSecret(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
  }

  @Test
  void noSecretIsShownWhileTheModelWritesIt() throws IOException {
    try (ModelServer model = ModelServer.start();
        TestAgent agent = TestAgent.start(folder, TestAgent.asking(model))) {
      String said = "<" + SECRET + SECRET.substring(0, 5) + ">";
      model.enqueue(ModelAnswer.text(said));
      String stream;
      String body = Json.write(TestAgent.message("c", "go").put("deltas", true));
      try (RawResponse answer = agent.request("POST", "/chat", body)) {
        stream = answer.text();
      }
      StringBuilder deltas = new StringBuilder();
      for (String line : stream.lines().filter(each -> each.startsWith("data: ")).toList()) {
        JsonNode event = Json.parse(line.substring("data: ".length()));
        if (event.path("type").asText().equals("text_delta")) {
          deltas.append(event.path("content").asText());
        }
      }
      assertEquals("<[redacted]" + SECRET.substring(0, 5) + ">", deltas.toString());
      assertNoSecret("stream", stream);
    }
  }

  private static void assertNoSecret(String place, String text) {
    String hidden = Base64.getEncoder().encodeToString(SECRET.getBytes(StandardCharsets.UTF_8));
    assertFalse(text.contains(SECRET), place);
    assertFalse(text.contains(hidden), place);
  }
}
