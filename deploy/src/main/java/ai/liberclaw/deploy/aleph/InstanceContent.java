package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an INSTANCE message asks for. All of it is public: no secret and nothing of a user belongs
 * into it.
 *
 * @param address owner and payer
 * @param metadata free words, by which an inventory recognises its own machines
 * @param authorizedKeys lines of OpenSSH public keys that may log in as root
 * @param variables hardly ever; public too
 * @param nodeHash the compute node it is for; another node will not run it
 * @param volumes beside the root file system, as the network describes them
 */
public record InstanceContent(
    String address,
    Instant time,
    Map<String, String> metadata,
    List<String> authorizedKeys,
    Map<String, String> variables,
    MachineSize size,
    Rootfs rootfs,
    String nodeHash,
    List<ObjectNode> volumes) {
  private static final int SECONDS = 30;

  /**
   * What a machine has.
   *
   * @param memoryMib MiB
   * @param diskMib MiB of its root file system
   */
  public record MachineSize(int cpus, int memoryMib, int diskMib) {
    private static final int UNIT_MEMORY_MIB = 2048;
    private static final int UNIT_DISK_MIB = 20_480;

    /** How many compute units it is charged for. */
    public int units() {
      return Math.max(cpus, (memoryMib + UNIT_MEMORY_MIB - 1) / UNIT_MEMORY_MIB);
    }

    /** MiB of disk beyond what its units include. */
    public int extraDiskMib() {
      return Math.max(0, diskMib - units() * UNIT_DISK_MIB);
    }
  }

  /**
   * The image a machine starts from.
   *
   * @param hash 64 hexadecimal digits
   * @param useLatest whether the network may take a later version of it
   */
  public record Rootfs(String hash, boolean useLatest) {}

  public InstanceContent {
    metadata = Map.copyOf(metadata);
    authorizedKeys = List.copyOf(authorizedKeys);
    variables = Map.copyOf(variables);
    volumes = List.copyOf(volumes);
  }

  ObjectNode json() {
    ObjectNode json = AlephJson.content(address, time).put("allow_amend", false);
    ObjectNode words = json.putObject("metadata");
    metadata.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(word -> words.put(word.getKey(), word.getValue()));
    ArrayNode keys = json.putArray("authorized_keys");
    authorizedKeys.forEach(keys::add);
    if (!variables.isEmpty()) {
      ObjectNode values = json.putObject("variables");
      variables.forEach(values::put);
    }
    json.putObject("environment")
        .put("internet", true)
        .put("aleph_api", true)
        .put("hypervisor", "qemu")
        .put("reproducible", false)
        .put("shared_cache", false);
    json.putObject("resources")
        .put("vcpus", size.cpus())
        .put("memory", size.memoryMib())
        .put("seconds", SECONDS);
    json.putObject("payment").put("chain", "ETH").put("type", "credit");
    json.putObject("requirements").putObject("node").put("node_hash", nodeHash);
    ArrayNode disks = json.putArray("volumes");
    volumes.forEach(disks::add);
    ObjectNode root = json.putObject("rootfs");
    root.putObject("parent").put("ref", rootfs.hash()).put("use_latest", rootfs.useLatest());
    root.put("persistence", "host").put("size_mib", size.diskMib());
    return json;
  }

  /** Signs it. */
  public AlephMessage sign(AlephWallet wallet, String channel) {
    return AlephMessage.sign(wallet, AlephMessage.Type.INSTANCE, channel, json(), time);
  }

  /** Tells the network to drop messages, and with them the machines they made. */
  public static AlephMessage forget(
      AlephWallet wallet,
      String channel,
      List<String> hashes,
      Optional<String> reason,
      Instant time) {
    ObjectNode json = AlephJson.content(wallet.address(), time);
    ArrayNode targets = json.putArray("hashes");
    hashes.forEach(targets::add);
    json.putArray("aggregates");
    reason.ifPresent(text -> json.put("reason", text));
    return AlephMessage.sign(wallet, AlephMessage.Type.FORGET, channel, json, time);
  }

  /**
   * Asks the node of an instance for host ports of its own; all ports of the instance are named at
   * once. Port 22 is forwarded without asking.
   */
  public static AlephMessage ports(
      AlephWallet wallet, String channel, String hash, List<Integer> tcpPorts, Instant time) {
    ObjectNode json = AlephJson.content(wallet.address(), time).put("key", "port-forwarding");
    ObjectNode ports = Json.object();
    tcpPorts.forEach(
        port -> ports.putObject(Integer.toString(port)).put("tcp", true).put("udp", false));
    json.putObject("content").putObject(hash).set("ports", ports);
    return AlephMessage.sign(wallet, AlephMessage.Type.AGGREGATE, channel, json, time);
  }
}
