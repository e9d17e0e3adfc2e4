package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The handle of a child process.
 *
 * @param machine where it lives; nobody else may act on it
 * @param boot the machine's start in which {@code process} means something
 * @param port loopback port, chosen before the child starts
 * @param process the running child, absent until it was started
 * @param now what it is started as, absent before the first time
 * @param next what it is to be started as the next time a deployment starts it
 * @param kept what it was before the update that goes on; its database is kept aside
 * @param returned the update is given up: {@code now} is {@code kept}, the database its own
 */
record Placement(
    String machine,
    String boot,
    int port,
    Optional<ProcessIdentity> process,
    Optional<Setup> now,
    Optional<Setup> next,
    Optional<Setup> kept,
    boolean returned) {
  /** A place for an agent that was never started. */
  static Placement fresh(Machine here, int port) {
    return new Placement(
        here.id(),
        here.boot(),
        port,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  static Optional<Placement> of(ObjectNode handle) {
    if (!handle.has("machine")) {
      return Optional.empty();
    }
    Optional<ProcessIdentity> process =
        handle.has("pid")
            ? Optional.of(
                new ProcessIdentity(handle.path("pid").asLong(), handle.path("started").asText()))
            : Optional.empty();
    return Optional.of(
        new Placement(
            handle.path("machine").asText(),
            handle.path("boot").asText(),
            handle.path("port").asInt(),
            process,
            Setup.of(handle),
            Setup.of(handle.path("next")),
            Setup.of(handle.path("kept")),
            handle.path("returned").asBoolean()));
  }

  ObjectNode json() {
    ObjectNode json = Json.object().put("machine", machine).put("boot", boot).put("port", port);
    process.ifPresent(p -> json.put("pid", p.pid()).put("started", p.started()));
    now.ifPresent(setup -> setup.write(json));
    next.ifPresent(setup -> json.set("next", setup.json()));
    kept.ifPresent(setup -> json.set("kept", setup.json()));
    if (returned) {
      json.put("returned", true);
    }
    return json;
  }

  /** The child, when it is alive. */
  Optional<ProcessIdentity> alive(Machine here) {
    return boot.equals(here.boot()) ? process.filter(ProcessIdentity::alive) : Optional.empty();
  }

  Placement started(Machine here, ProcessIdentity child) {
    return new Placement(machine, here.boot(), port, Optional.of(child), now, next, kept, returned);
  }

  Placement ended() {
    return new Placement(machine, boot, port, Optional.empty(), now, next, kept, returned);
  }

  Placement at(int newPort) {
    return new Placement(machine, boot, newPort, process, now, next, kept, returned);
  }

  Placement preparing(Setup setup) {
    return new Placement(machine, boot, port, process, now, Optional.of(setup), kept, returned);
  }

  /** The next setup is the one of now; of several tries the first has what was before. */
  Placement advanced() {
    return new Placement(
        machine, boot, port, process, next, Optional.empty(), kept.or(() -> now), false);
  }

  /** What was kept is the setup of now again, and stays kept. */
  Placement goneBack() {
    return new Placement(
        machine, boot, port, process, kept.or(() -> now), Optional.empty(), kept, true);
  }

  /** The setup of now was started from this release. */
  Placement running(String release) {
    return new Placement(
        machine,
        boot,
        port,
        process,
        now.map(setup -> new Setup(setup.settings(), Optional.of(release))),
        next,
        kept,
        returned);
  }

  /** All that this agent may be started from. */
  List<String> releases() {
    return Stream.of(now, next, kept)
        .flatMap(Optional::stream)
        .flatMap(setup -> setup.release().stream())
        .toList();
  }

  /** Nothing is kept, and nothing planned. */
  Placement settled() {
    return new Placement(
        machine, boot, port, process, now, Optional.empty(), Optional.empty(), false);
  }
}
