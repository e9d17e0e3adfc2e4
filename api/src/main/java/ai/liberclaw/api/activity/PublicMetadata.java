package ai.liberclaw.api.activity;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the whole world may read of an event. Pages put these values into their HTML as they are, so
 * everything is made of harmless characters, and nothing tells whose agent it is.
 */
final class PublicMetadata {
  /** The same for every agent: one of its own would let strangers follow it. */
  static final String NEUTRAL_NAME = "An agent";

  private static final String CRN_URL = "crn_url";
  private static final String MODEL = "model";

  // A label that begins with a digit can be read as an IPv4 address, and xn-- as broken Unicode.
  private static final Pattern HOST_LABEL = Pattern.compile("(?!xn--)[a-z][a-z0-9-]{0,62}");
  private static final Pattern MODEL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}");

  private PublicMetadata() {}

  /**
   * @param stored as the event was written
   * @param publicName the agent's name when its owner lets it be shown
   */
  static ObjectNode of(JsonNode stored, Optional<String> publicName) {
    ObjectNode shown =
        Json.object()
            .put("agent_name", publicName.map(PublicMetadata::escape).orElse(NEUTRAL_NAME));
    if (stored.has(CRN_URL)) {
      JsonNode url = stored.get(CRN_URL);
      shown.put(CRN_URL, url.isTextual() ? host(url.textValue()) : null);
    }
    String model = stored.path(MODEL).asText();
    if (MODEL_NAME.matcher(model).matches()) {
      shown.put(MODEL, model);
    }
    return shown;
  }

  /** The first label of the host as an address that pages can parse; {@code node} when unfit. */
  private static String host(String url) {
    String label = "";
    try {
      String host = URI.create(url.strip()).getHost();
      label = host == null ? "" : host.toLowerCase(Locale.ROOT).split("\\.", 2)[0];
    } catch (IllegalArgumentException _) {
      // Shown as any other that can't be told.
    }
    return "https://" + (HOST_LABEL.matcher(label).matches() ? label : "node");
  }

  private static String escape(String name) {
    StringBuilder out = new StringBuilder(name.length());
    name.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            case '`' -> out.append("&#96;");
            default -> out.appendCodePoint(c);
          }
        });
    return out.toString();
  }
}
