package ai.liberclaw.agent.model;

/**
 * A picture that a model is shown.
 *
 * @param mediaType such as {@code image/png}
 * @param base64 its bytes in standard base64
 * @param description in words, for models that cannot see; empty while there is none
 */
public record Image(String mediaType, String base64, String description) {
  /** A picture nobody has described. */
  public Image(String mediaType, String base64) {
    this(mediaType, base64, "");
  }

  /** As a {@code data:} address, which OpenAI's content blocks carry. */
  public String dataUrl() {
    return "data:" + mediaType + ";base64," + base64;
  }

  /** Without the picture. */
  @Override
  public String toString() {
    return "Image[" + mediaType + ", " + base64.length() + " characters]";
  }
}
