package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.release.Release;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** The containers of an instance, in the words of the engine's API. */
final class Specs {
  /** The agent's user and group in the container; it has no rights there. */
  static final int USER = 10_001;

  /** Where the agent listens in its container. */
  static final int PORT = 8080;

  static final String RELEASES = "/opt/liberclaw/releases";
  static final String CONFIG = "/etc/liberclaw";
  static final String CONFIG_FILE = CONFIG + "/config.json";
  static final String DATA = "/var/lib/liberclaw";
  static final String HOME = DATA + "/agent";

  private static final long HOLDER_MEMORY_BYTES = 32L << 20;
  private static final int HOLDER_PIDS = 16;
  private static final String RESTART = "unless-stopped";

  private final ContainerSettings settings;

  Specs(ContainerSettings settings) {
    this.settings = settings;
  }

  /** Holds the agent's network: sets its rules, then sleeps. It has no volume and no secret. */
  ObjectNode holder(String image, Map<String, String> labels, String network, int port) {
    ObjectNode spec = base(image, labels, List.of("sh", "-c", settings.rules().script(PORT)));
    spec.putObject("ExposedPorts").putObject(PORT + "/tcp");
    ObjectNode host = hardened(spec, network, HOLDER_MEMORY_BYTES, HOLDER_PIDS);
    if (!settings.rules().open()) {
      host.putArray("CapAdd").add("NET_ADMIN");
    }
    host.putObject("PortBindings")
        .putArray(PORT + "/tcp")
        .addObject()
        .put("HostIp", "127.0.0.1")
        .put("HostPort", Integer.toString(port));
    restarted(host);
    ArrayNode dns = host.putArray("Dns");
    settings.dns().stream().map(InetAddress::getHostAddress).forEach(dns::add);
    return spec;
  }

  /** The agent, in the network of the holder. */
  ObjectNode agent(
      String image, Map<String, String> labels, Names names, ContainerPlace.Variant variant) {
    String directory = RELEASES + "/" + variant.release();
    ObjectNode spec = base(image, labels, List.of());
    spec.putArray("Entrypoint").add(directory + "/" + Release.LAUNCHER);
    asAgent(spec);
    ArrayNode env = spec.putArray("Env");
    env.add("AGENT_CONFIG_FILE=" + CONFIG_FILE);
    env.add("AGENT_RELEASE=" + variant.release());
    env.add("HOME=" + HOME);
    env.add("TMPDIR=/tmp");
    env.add("PATH=/usr/local/bin:/usr/bin:/bin");
    env.add("LANG=C.UTF-8");
    env.add("LC_ALL=C.UTF-8");
    ObjectNode host =
        hardened(spec, "container:" + names.holder(), settings.memoryBytes(), settings.pidsMax());
    host.put("NanoCpus", Math.round(settings.cpus() * 1e9));
    // Programs are run from there by tools; it is memory, and as large as it may get.
    host.putObject("Tmpfs")
        .put("/tmp", "rw,exec,nosuid,nodev,mode=1777,size=" + settings.tmpBytes());
    ArrayNode mounts = host.putArray("Mounts");
    volume(mounts, names.data(), DATA, false);
    volume(mounts, names.config(variant.serial()), CONFIG, true);
    restarted(host);
    return spec;
  }

  /** Sees the instance's files while no agent of it does; runs a command, if started at all. */
  ObjectNode desk(
      String image, Map<String, String> labels, Names names, int serial, List<String> command) {
    ObjectNode spec = base(image, labels, command);
    asAgent(spec);
    ObjectNode host = hardened(spec, "none", settings.memoryBytes(), settings.pidsMax());
    ArrayNode mounts = host.putArray("Mounts");
    volume(mounts, names.data(), DATA, false);
    volume(mounts, names.config(serial), CONFIG, false);
    return spec;
  }

  /** Never runs; an image is made of its files. */
  static ObjectNode build(String image, Map<String, String> labels) {
    ObjectNode spec = base(image, labels, List.of("true"));
    spec.putObject("HostConfig").put("NetworkMode", "none");
    return spec;
  }

  private static ObjectNode base(String image, Map<String, String> labels, List<String> command) {
    // Nobody reads small files for the agent from a directory its tools write to, such as .env.
    ObjectNode spec = Json.object().put("Image", image).put("WorkingDir", "/");
    if (!command.isEmpty()) {
      spec.putArray("Entrypoint").add(command.getFirst());
    }
    ArrayNode cmd = spec.putArray("Cmd");
    command.stream().skip(1).forEach(cmd::add);
    ObjectNode set = spec.putObject("Labels");
    labels.forEach(set::put);
    return spec;
  }

  private static void asAgent(ObjectNode spec) {
    spec.put("User", USER + ":" + USER);
  }

  private ObjectNode hardened(ObjectNode spec, String network, long memoryBytes, int pids) {
    ObjectNode host = spec.putObject("HostConfig");
    host.put("NetworkMode", network);
    host.put("Memory", memoryBytes);
    // No swap beyond the memory.
    host.put("MemorySwap", memoryBytes);
    host.put("PidsLimit", pids);
    host.put("ReadonlyRootfs", true);
    host.put("Init", true);
    host.putArray("CapDrop").add("ALL");
    host.putArray("SecurityOpt").add("no-new-privileges");
    ArrayNode ulimits = host.putArray("Ulimits");
    for (ContainerSettings.Ulimit ulimit : settings.ulimits()) {
      ulimits
          .addObject()
          .put("Name", ulimit.name())
          .put("Soft", ulimit.soft())
          .put("Hard", ulimit.hard());
    }
    ObjectNode log = host.putObject("LogConfig").put("Type", "json-file");
    log.putObject("Config")
        .put("max-size", Long.toString(settings.logBytes()))
        .put("max-file", "2");
    return host;
  }

  private static void restarted(ObjectNode host) {
    host.putObject("RestartPolicy").put("Name", RESTART);
  }

  private static void volume(ArrayNode mounts, String name, String target, boolean readOnly) {
    mounts
        .addObject()
        .put("Type", "volume")
        .put("Source", name)
        .put("Target", target)
        .put("ReadOnly", readOnly);
  }
}
