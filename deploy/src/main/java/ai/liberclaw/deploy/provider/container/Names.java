package ai.liberclaw.deploy.provider.container;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What everything of one instance is called in the engine, and marked with. No text of a user is in
 * any of it.
 *
 * @param installation whose instance it is; nothing without this mark is ever touched
 */
record Names(UUID installation, UUID instance) {
  static final String INSTALLATION = "liberclaw.installation";
  static final String INSTANCE = "liberclaw.instance";
  static final String AGENT = "liberclaw.agent";
  static final String ROLE = "liberclaw.role";

  /** The role of a container that an agent's server runs in. */
  static final String AGENT_ROLE = "agent";

  /** Number of the configuration that a container runs. */
  static final String SERIAL = "liberclaw.serial";

  /** Id of the container whose network a container shares. */
  static final String HOLDER = "liberclaw.holder";

  /** The port of this machine that a holder publishes. */
  static final String PORT = "liberclaw.port";

  /** The mark of all that is ours. */
  static String ours(UUID installation) {
    return INSTALLATION + "=" + installation;
  }

  /** The marks of all that belongs to the instance. */
  List<String> marks() {
    return new ArrayList<>(List.of(ours(installation), INSTANCE + "=" + instance));
  }

  Map<String, String> labels(String role, Optional<UUID> agent) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(INSTALLATION, installation.toString());
    labels.put(INSTANCE, instance.toString());
    labels.put(ROLE, role);
    agent.ifPresent(id -> labels.put(AGENT, id.toString()));
    return labels;
  }

  /** Also the name under which the whole is known. */
  String network() {
    return "liberclaw-" + instance;
  }

  /** Holds the network, its rules and the published port. */
  String holder() {
    return network() + "-net";
  }

  /** The agent's: there is only one of this name, so its data are never used by two. */
  String agent() {
    return network() + "-agent";
  }

  /** Lives only while files are put in place. */
  String desk() {
    return network() + "-desk";
  }

  String data() {
    return network() + "-data";
  }

  String config(int serial) {
    return network() + "-config-" + serial;
  }
}
