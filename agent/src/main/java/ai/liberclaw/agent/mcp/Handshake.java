package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What the two sides have agreed on.
 *
 * @param version of the protocol
 * @param tools whether the server has any
 */
record Handshake(String version, boolean tools) {
  /** What is asked for. */
  static final String VERSION = "2025-06-18";

  /** What is understood: tools are the same in all of these. */
  private static final List<String> VERSIONS =
      List.of("2025-11-25", VERSION, "2025-03-26", "2024-11-05");

  private static final int SHOWN_LENGTH_MAX = 40;

  static ObjectNode params() {
    ObjectNode params = Json.object().put("protocolVersion", VERSION);
    params.putObject("capabilities");
    String release = Handshake.class.getPackage().getImplementationVersion();
    params
        .putObject("clientInfo")
        .put("name", "liberclaw")
        .put("version", release == null ? "development" : release);
    return params;
  }

  /**
   * Reads the result of {@code initialize}.
   *
   * @throws McpException the server speaks another version
   */
  static Handshake of(JsonNode result) throws McpException {
    String version = result.path("protocolVersion").asText();
    if (!VERSIONS.contains(version)) {
      throw McpException.transport(
          "unsupported protocol version " + Line.of(version, SHOWN_LENGTH_MAX));
    }
    return new Handshake(version, result.path("capabilities").path("tools").isObject());
  }
}
