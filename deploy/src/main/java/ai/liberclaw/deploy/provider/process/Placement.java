package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.AgentSettings;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The handle of a child process.
 *
 * @param machine where it lives; nobody else may act on it
 * @param boot the machine's start in which {@code process} means something
 * @param port loopback port, chosen before the child starts
 * @param process the running child, absent until it was started
 * @param settings what it was last configured to be, absent until then
 */
record Placement(
    String machine,
    String boot,
    int port,
    Optional<ProcessIdentity> process,
    Optional<AgentSettings> settings) {
  static Optional<Placement> of(ObjectNode handle) {
    if (!handle.has("machine")) {
      return Optional.empty();
    }
    Optional<ProcessIdentity> process =
        handle.has("pid")
            ? Optional.of(
                new ProcessIdentity(handle.path("pid").asLong(), handle.path("started").asText()))
            : Optional.empty();
    Optional<AgentSettings> settings =
        handle.has("settings")
            ? Optional.of(AgentSettings.of(handle.path("settings")))
            : Optional.empty();
    return Optional.of(
        new Placement(
            handle.path("machine").asText(),
            handle.path("boot").asText(),
            handle.path("port").asInt(),
            process,
            settings));
  }

  ObjectNode json() {
    ObjectNode json = Json.object().put("machine", machine).put("boot", boot).put("port", port);
    process.ifPresent(p -> json.put("pid", p.pid()).put("started", p.started()));
    settings.ifPresent(s -> json.set("settings", s.json()));
    return json;
  }

  /** The child, when it is alive. */
  Optional<ProcessIdentity> alive(Machine here) {
    return boot.equals(here.boot()) ? process.filter(ProcessIdentity::alive) : Optional.empty();
  }

  Placement started(Machine here, ProcessIdentity child) {
    return new Placement(machine, here.boot(), port, Optional.of(child), settings);
  }

  Placement ended() {
    return new Placement(machine, boot, port, Optional.empty(), settings);
  }

  Placement at(int newPort) {
    return new Placement(machine, boot, newPort, process, settings);
  }

  Placement with(AgentSettings newSettings) {
    return new Placement(machine, boot, port, process, Optional.of(newSettings));
  }
}
