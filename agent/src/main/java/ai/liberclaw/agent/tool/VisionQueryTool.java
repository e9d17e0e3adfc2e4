package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.model.Vision;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code vision_query}: asks about a picture that the agent's model cannot see itself. */
public final class VisionQueryTool implements Tool {
  public static final String NAME = "vision_query";

  private static final Pattern NUMBER = Pattern.compile("(\\d{1,6})");

  private final Vision vision;

  public VisionQueryTool(Vision vision) {
    this.vision = vision;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Ask about an image of this turn. You read images as [Image <n>: <description>];"
                + " another model looks at the image itself and answers.")
        .required("image_id", "string", "The number n of [Image n: …]")
        .required("question", "string", "What to look for")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public Optional<String> unavailable() {
    return vision.isDelegated()
        ? Optional.empty()
        : Optional.of("the model sees images itself, or VISION_DELEGATION_MODEL is not set");
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) throws InterruptedException {
    String id = arguments.path("image_id").asText();
    String question = arguments.path("question").asText().strip();
    if (question.isEmpty()) {
      return ToolResult.error("question must say what to look for");
    }
    Matcher number = NUMBER.matcher(id);
    Optional<String> answer;
    try {
      answer =
          number.find()
              ? vision.ask(context.turnId(), Integer.parseInt(number.group(1)), question)
              : Optional.empty();
    } catch (ModelException e) {
      return ToolResult.error(
          "the model that looks at images did not answer (" + e.code().wireName() + ")");
    }
    if (answer.isEmpty()) {
      return ToolResult.error(unknown(id, vision.pictures(context.turnId())));
    }
    // What is written in a picture comes from outside.
    return ToolResult.text(Untrusted.wrap("image " + number.group(1), answer.get()));
  }

  private static String unknown(String id, int pictures) {
    String said = "there is no image '" + id + "' in this turn; ";
    return said
        + (pictures == 0
            ? "it has none, ask the user to send the image again"
            : "image_id is a number from 1 to "
                + pictures
                + ", of which the newest can be asked about");
  }
}
