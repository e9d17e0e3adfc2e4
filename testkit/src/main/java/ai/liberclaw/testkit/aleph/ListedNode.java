package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** How the public list shows a healthy node with much room. */
final class ListedNode {
  private ListedNode() {}

  static ObjectNode json(String hash, String name, String address, String version) {
    ObjectNode node =
        Json.object().put("hash", hash).put("name", name).put("address", address).put("score", 0.9);
    node.putObject("ipv6_check").put("host", true).put("vm", true);
    node.put("qemu_support", true)
        .put("confidential_support", false)
        .put("gpu_support", false)
        .put("version", version)
        .putNull("payment_receiver_address");
    ObjectNode usage = node.putObject("system_usage");
    ObjectNode cpu = usage.putObject("cpu").put("count", 16);
    cpu.putObject("load_average").put("load1", 1.5).put("load5", 1.5).put("load15", 1.5);
    cpu.putObject("core_frequencies").put("min", 1500.0).put("max", 3800.0);
    usage.putObject("mem").put("total_kB", 67_108_864L).put("available_kB", 50_331_648L);
    usage.putObject("disk").put("total_kB", 2_147_483_648L).put("available_kB", 1_073_741_824L);
    usage
        .putObject("period")
        .put("start_timestamp", "2026-01-01T00:00:00Z")
        .put("duration_seconds", 60);
    usage
        .putObject("properties")
        .putObject("cpu")
        .put("architecture", "x86_64")
        .put("vendor", "AuthenticAMD");
    usage.putObject("gpu");
    usage.put("active", true);
    node.put("owner", "0x000000000000000000000000000000000000dEaD")
        .put("status", "linked")
        .put("locked", false)
        .putNull("stream_reward")
        .putNull("inactive_since")
        .put("decentralization", 0.8)
        .putNull("terms_and_conditions");
    node.putArray("compatible_gpus");
    node.putArray("compatible_available_gpus");
    return node;
  }
}
