package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.provider.Endpoint;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/** What an instance's handle says: which machine, and where there. */
record Placed(Host host, Place place) {
  static boolean in(ObjectNode handle) {
    return handle.has("host") && handle.has("port");
  }

  static ObjectNode handle(ObjectNode before, Host host, Place place) {
    return before
        .deepCopy()
        .put("host", host.id().toString())
        .put("address", host.address())
        .put("ssh_port", host.port())
        .put("agent", place.agentId().toString())
        .put("instance", place.instanceId().toString())
        .put("port", place.port());
  }

  static UUID host(ObjectNode handle) {
    return UUID.fromString(handle.path("host").asText());
  }

  static Place place(ObjectNode handle) {
    return new Place(
        UUID.fromString(handle.path("agent").asText()),
        UUID.fromString(handle.path("instance").asText()),
        handle.path("port").asInt());
  }

  static Endpoint endpoint(ObjectNode handle) {
    Optional<URI> origin = AgentNames.origin(handle);
    if (origin.isPresent()) {
      return new Endpoint.Public(origin.get());
    }
    return new Endpoint.Tunnel(
        host(handle),
        handle.path("address").asText(),
        handle.path("ssh_port").asInt(),
        handle.path("port").asInt());
  }
}
