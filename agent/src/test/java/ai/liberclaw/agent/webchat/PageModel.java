package ai.liberclaw.agent.webchat;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** What the model says and does in tests of the page, by the first word it is told. */
final class PageModel {
  private PageModel() {}

  static ModelAnswer answer(ObjectNode request) {
    JsonNode messages = request.path("messages");
    JsonNode last = messages.path(messages.size() - 1);
    String text = last.path("content").asText();
    if (last.path("role").asText().equals("tool")) {
      return ModelAnswer.text(text.startsWith("File sent") ? "Sent." : "The tool answered.");
    }
    String word = text.lines().findFirst().orElse("");
    return switch (word.split(" ", 2)[0]) {
      case "tool" -> bash("echo from-the-tool");
      case "ask" -> bash("echo asked");
      case "hold" -> hold(word.split(" ", 2)[1]);
      case "picture" ->
          ModelAnswer.call("send_file", "{\"path\":\"plot.png\",\"caption\":\"A plot\"}");
      case "markdown" -> ModelAnswer.text(MARKDOWN).withChunkPause(Duration.ofMillis(2));
      default -> ModelAnswer.text("Good day.");
    };
  }

  private static ModelAnswer hold(String name) {
    return bash("until [ -e " + name + ".go ]; do sleep 0.02; done");
  }

  private static ModelAnswer bash(String command) {
    return ModelAnswer.call("bash", Json.write(Json.object().put("command", command)));
  }

  private static final String MARKDOWN =
      """
      ## A table

      | Name | Meaning of the name, in many words |
      |---|---|
      | `ada` | first |
      | `grace` | a-very-long-word-that-does-not-fit-into-a-small-screen |

      1. one with **bold** words
         - and a point below it
      2. two, see [the example](https://example.org/), not [this](javascript:alert(1))

      > Quoted <img src=x onerror=alert(1)> ![no picture](https://elsewhere.example/x.png)

      ```python
      print("a line that is long enough to need a scroll bar of its own on any small screen")
      ```

      Done.
      """;
}
