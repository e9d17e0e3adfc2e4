package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.engine.Engine;
import ai.liberclaw.deploy.engine.EngineContainer;
import ai.liberclaw.deploy.engine.EngineItem;
import ai.liberclaw.deploy.provider.Found;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What an engine has that carries this installation's id; everything else is not looked at. */
final class Inventory {
  private Inventory() {}

  /** One entry for each instance of which there is a container, a volume or a network. */
  static List<Found> of(Engine engine, UUID installation, String machine)
      throws InterruptedException {
    List<String> ours = List.of(Names.ours(installation));
    Map<UUID, Instant> instances = new HashMap<>();
    for (EngineContainer container : engine.containers(ours)) {
      note(instances, container.label(Names.INSTANCE), container.createdAt());
    }
    List<EngineItem> items = new ArrayList<>(engine.volumes(ours));
    items.addAll(engine.networks(ours));
    for (EngineItem item : items) {
      note(instances, item.label(Names.INSTANCE), item.createdAt());
    }
    List<Found> found = new ArrayList<>();
    instances.forEach((id, created) ->
        found.add(
            new Found(
                new Names(installation, id).network(),
                Optional.of(id),
                Json.object().put("instance", id.toString()).put("machine", machine),
                Optional.of(created))));
    return found;
  }

  /** Instances whose agents run. */
  static Set<UUID> running(Engine engine, UUID installation) throws InterruptedException {
    Set<UUID> running = new HashSet<>();
    for (EngineContainer container :
        engine.containers(List.of(Names.ours(installation), Names.ROLE + "=" + Names.AGENT_ROLE))) {
      if (container.running()) {
        id(container.label(Names.INSTANCE)).ifPresent(running::add);
      }
    }
    return running;
  }

  private static void note(Map<UUID, Instant> instances, String label, Optional<Instant> created) {
    // Without an instance it is an image that is being made.
    id(label)
        .ifPresent(id ->
            instances.merge(id, created.orElse(Instant.EPOCH), (a, b) -> a.isBefore(b) ? a : b));
  }

  private static Optional<UUID> id(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
