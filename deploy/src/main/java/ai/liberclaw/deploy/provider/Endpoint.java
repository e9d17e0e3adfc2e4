package ai.liberclaw.deploy.provider;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/** How the control plane reaches an agent. Only providers make one. */
public sealed interface Endpoint {
  /** An HTTPS origin without trailing slash. */
  record Public(URI origin) implements Endpoint {}

  /** A port a provider opened on this machine's loopback address; void on any other machine. */
  record Loopback(String machine, int port) implements Endpoint {}

  /**
   * A port on the loopback address of a machine that is reached over SSH; each server opens its own
   * way there.
   *
   * @param via the host or instance that knows the login
   * @param address the machine's, as is its SSH port; for people
   * @param port the agent's
   */
  record Tunnel(UUID via, String address, int sshPort, int port) implements Endpoint {}

  /** The address that clients are shown; requests are sent there unless it is a tunnel. */
  default URI origin() {
    return switch (this) {
      case Public(URI origin) -> origin;
      case Loopback(_, int port) -> URI.create("http://127.0.0.1:" + port);
      case Tunnel(_, String address, int sshPort, _) ->
          URI.create(
              "ssh://" + (address.contains(":") ? "[" + address + "]" : address) + ":" + sshPort);
    };
  }

  /** The form kept in the instance's row. */
  default ObjectNode json() {
    return switch (this) {
      case Public(URI origin) ->
          Json.object().put("type", "public").put("origin", origin.toString());
      case Loopback(String machine, int port) ->
          Json.object().put("type", "loopback").put("machine", machine).put("port", port);
      case Tunnel(UUID via, String address, int sshPort, int port) ->
          Json.object()
              .put("type", "tunnel")
              .put("via", via.toString())
              .put("address", address)
              .put("ssh_port", sshPort)
              .put("port", port);
    };
  }

  /** Reads {@link #json}; empty for anything else. */
  static Optional<Endpoint> of(JsonNode json) {
    return switch (json.path("type").asText()) {
      case "public" -> Optional.of(new Public(URI.create(json.path("origin").asText())));
      case "loopback" ->
          Optional.of(new Loopback(json.path("machine").asText(), json.path("port").asInt()));
      case "tunnel" ->
          Optional.of(
              new Tunnel(
                  UUID.fromString(json.path("via").asText()),
                  json.path("address").asText(),
                  json.path("ssh_port").asInt(),
                  json.path("port").asInt()));
      default -> Optional.empty();
    };
  }
}
