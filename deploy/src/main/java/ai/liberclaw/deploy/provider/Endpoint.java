package ai.liberclaw.deploy.provider;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Optional;

/** How the control plane reaches an agent. Only providers make one. */
public sealed interface Endpoint {
  /** An HTTPS origin without trailing slash. */
  record Public(URI origin) implements Endpoint {}

  /** A port a provider opened on this machine's loopback address; void on any other machine. */
  record Loopback(String machine, int port) implements Endpoint {}

  /** Where to send requests. */
  default URI origin() {
    return switch (this) {
      case Public(URI origin) -> origin;
      case Loopback(_, int port) -> URI.create("http://127.0.0.1:" + port);
    };
  }

  /** The form kept in the instance's row. */
  default ObjectNode json() {
    return switch (this) {
      case Public(URI origin) ->
          Json.object().put("type", "public").put("origin", origin.toString());
      case Loopback(String machine, int port) ->
          Json.object().put("type", "loopback").put("machine", machine).put("port", port);
    };
  }

  /** Reads {@link #json}; empty for anything else. */
  static Optional<Endpoint> of(JsonNode json) {
    return switch (json.path("type").asText()) {
      case "public" -> Optional.of(new Public(URI.create(json.path("origin").asText())));
      case "loopback" ->
          Optional.of(new Loopback(json.path("machine").asText(), json.path("port").asInt()));
      default -> Optional.empty();
    };
  }
}
