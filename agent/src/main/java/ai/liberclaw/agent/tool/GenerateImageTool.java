package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.Painter;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code generate_image}: has a picture made and gives it to the user. */
public final class GenerateImageTool implements Tool {
  public static final String NAME = "generate_image";

  static final int SIDE_MAX = 1024;
  static final int SIDE_STEP = 16;
  static final int STEPS_DEFAULT = 8;
  static final int STEPS_MAX = 50;
  private static final String SIZE_DEFAULT = "1024x1024";
  private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");
  private static final int CAPTION_LENGTH_MAX = 1_000;

  private final Painter painter;
  private final Workspace workspace;

  public GenerateImageTool(Painter painter, Workspace workspace) {
    this.painter = painter;
    this.workspace = workspace;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Make a picture from a description and send it to the user. It is saved in the"
                + " workspace under images/; the result names the file.")
        .required("prompt", "string", "What the picture shows, in detail")
        .optional(
            "size",
            "string",
            "Width x height in pixels, each a multiple of "
                + SIDE_STEP
                + " up to "
                + SIDE_MAX
                + ", such as 1024x768; default "
                + SIZE_DEFAULT)
        .integer("steps", 1, STEPS_MAX, STEPS_DEFAULT, "More steps take longer and look better")
        .definition();
  }

  @Override
  public Optional<String> unavailable() {
    return painter.isUsable() ? Optional.empty() : Optional.of("LIBERTAI_API_KEY is not set");
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String prompt = arguments.path("prompt").asText().strip();
    if (prompt.isEmpty()) {
      return ToolResult.error("prompt must say what the picture shows");
    }
    String size = arguments.path("size").asText(SIZE_DEFAULT).strip();
    if (!isSize(size)) {
      return ToolResult.error(
          "size must be <width>x<height>, each a multiple of "
              + SIDE_STEP
              + " from "
              + SIDE_STEP
              + " to "
              + SIDE_MAX
              + ", such as 1024x768");
    }
    byte[] picture;
    String format;
    try {
      picture = painter.paint(prompt, size, arguments.path("steps").asInt(STEPS_DEFAULT));
      format = Images.format(picture);
    } catch (IOException e) {
      return ToolResult.error(String.valueOf(e.getMessage()));
    }
    String name = "images/" + UUID.randomUUID() + (format.equals("jpeg") ? ".jpg" : "." + format);
    Path path;
    try (Draft draft = workspace.draftFor(name)) {
      draft.out().write(picture);
      path = draft.moveTo(name);
    }
    String relative = workspace.relative(path);
    return ToolResult.file(
        SendFileTool.RESULT_PREFIX + relative,
        new SentFile(relative, Cut.head(prompt, CAPTION_LENGTH_MAX)));
  }

  private static boolean isSize(String size) {
    Matcher sides = SIZE.matcher(size);
    return sides.matches() && isSide(sides.group(1)) && isSide(sides.group(2));
  }

  private static boolean isSide(String digits) {
    int side = Integer.parseInt(digits);
    return side >= SIDE_STEP && side <= SIDE_MAX && side % SIDE_STEP == 0;
  }
}
