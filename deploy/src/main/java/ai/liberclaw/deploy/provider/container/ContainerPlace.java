package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;

/**
 * Where an instance is, and which of its configurations runs: the handle of its row.
 *
 * @param instance what it belongs to
 * @param machine id of the machine whose engine has it
 * @param port on that machine's loopback address
 * @param serial the last number given to a configuration
 * @param current what runs or is to run
 * @param next what was configured and has not started yet
 * @param aside what ran before an update that is not settled
 * @param left a configuration that was given up by going back
 */
record ContainerPlace(
    UUID instance,
    String machine,
    int port,
    int serial,
    Optional<Variant> current,
    Optional<Variant> next,
    Optional<Variant> aside,
    Optional<Variant> left) {
  /** A release with one configuration. */
  record Variant(int serial, String release) {
    private ObjectNode json() {
      return Json.object().put("serial", serial).put("release", release);
    }

    private static Optional<Variant> of(JsonNode json) {
      return json.isObject()
          ? Optional.of(new Variant(json.path("serial").asInt(), json.path("release").asText()))
          : Optional.empty();
    }
  }

  static ContainerPlace at(UUID instance, String machine, int port) {
    return new ContainerPlace(
        instance,
        machine,
        port,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  ContainerPlace on(int newPort) {
    return new ContainerPlace(instance, machine, newPort, serial, current, next, aside, left);
  }

  /** A configuration of this release is about to be made; one that never started is made anew. */
  ContainerPlace configuring(String release) {
    int number = next.map(Variant::serial).orElse(serial + 1);
    return new ContainerPlace(
        instance,
        machine,
        port,
        Math.max(serial, number),
        current,
        Optional.of(new Variant(number, release)),
        aside,
        Optional.empty());
  }

  /**
   * The next one is current. What ran is kept aside, unless something is: that was known to work.
   */
  ContainerPlace switched() {
    return new ContainerPlace(
        instance,
        machine,
        port,
        serial,
        next,
        Optional.empty(),
        aside.or(() -> current),
        Optional.empty());
  }

  /** The update is done. */
  ContainerPlace settled() {
    return new ContainerPlace(
        instance, machine, port, serial, current, next, Optional.empty(), Optional.empty());
  }

  /** What was kept aside is current again; the update's configuration is left. */
  ContainerPlace reverted() {
    return new ContainerPlace(
        instance, machine, port, serial, aside, Optional.empty(), Optional.empty(), current);
  }

  /** An update that never started is given up. */
  ContainerPlace withdrawn() {
    return new ContainerPlace(
        instance, machine, port, serial, current, Optional.empty(), aside, next);
  }

  ObjectNode json() {
    ObjectNode json =
        Json.object()
            .put("instance", instance.toString())
            .put("machine", machine)
            .put("port", port)
            .put("serial", serial);
    current.ifPresent(variant -> json.set("current", variant.json()));
    next.ifPresent(variant -> json.set("next", variant.json()));
    aside.ifPresent(variant -> json.set("aside", variant.json()));
    left.ifPresent(variant -> json.set("left", variant.json()));
    return json;
  }

  /** Reads {@link #json}; empty while there is no place. */
  static Optional<ContainerPlace> of(JsonNode json) {
    if (!json.has("machine") || !json.has("port")) {
      return Optional.empty();
    }
    return Optional.of(
        new ContainerPlace(
            UUID.fromString(json.path("instance").asText()),
            json.path("machine").asText(),
            json.path("port").asInt(),
            json.path("serial").asInt(),
            Variant.of(json.path("current")),
            Variant.of(json.path("next")),
            Variant.of(json.path("aside")),
            Variant.of(json.path("left"))));
  }
}
