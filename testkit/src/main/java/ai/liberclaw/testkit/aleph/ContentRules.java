package ai.liberclaw.testkit.aleph;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What nodes demand of a message's content before they keep it. */
final class ContentRules {
  private static final double TIME_MAX = 9223372036d;
  private static final int ENTRIES_MAX = 256;
  private static final int KEY_MAX = 8192;
  private static final int VARIABLE_NAME_MAX = 128;
  private static final int VARIABLE_VALUE_MAX = 4096;
  private static final int TARGETS_MAX = 1000;
  private static final int REASON_MAX = 1000;
  private static final long DISK_MIB_MAX = 2048L * 1024;
  private static final String HASH = "[0-9a-f]{64}";

  private final JsonNode content;
  private final List<String> problems = new ArrayList<>();

  private ContentRules(JsonNode content) {
    this.content = content;
  }

  /** Why nodes refuse it as {@code InvalidMessageFormat}; empty when they do not. */
  static Optional<String> problem(String type, JsonNode content) {
    ContentRules rules = new ContentRules(content);
    rules.require(content.isObject(), "the content is no object");
    rules.require(content.path("address").isTextual(), "address is no text");
    rules.number(content.path("time"), "time", 0, TIME_MAX);
    switch (type) {
      case "INSTANCE" -> rules.instance();
      case "FORGET" -> rules.forget();
      case "AGGREGATE" -> rules.aggregate();
      default -> rules.require(false, "messages of type " + type + " are not simulated");
    }
    return rules.problems.isEmpty()
        ? Optional.empty()
        : Optional.of(String.join("; ", rules.problems));
  }

  private void instance() {
    known(
        content,
        "content",
        Set.of(
            "address",
            "time",
            "allow_amend",
            "metadata",
            "authorized_keys",
            "variables",
            "environment",
            "resources",
            "payment",
            "requirements",
            "volumes",
            "rootfs",
            "replaces"));
    require(content.path("allow_amend").isBoolean(), "allow_amend is no boolean");
    require(content.path("metadata").size() <= ENTRIES_MAX, "metadata has too many entries");
    JsonNode keys = content.path("authorized_keys");
    require(keys.size() <= ENTRIES_MAX, "too many authorized_keys");
    for (JsonNode key : keys) {
      require(key.isTextual() && key.asText().length() <= KEY_MAX, "a key is no text or too long");
    }
    variables();
    environment();
    resources();
    payment();
    requirements();
    require(content.path("volumes").size() <= ENTRIES_MAX, "too many volumes");
    content.path("volumes").forEach(this::volume);
    rootfs();
  }

  private void variables() {
    JsonNode variables = content.path("variables");
    require(variables.size() <= ENTRIES_MAX, "too many variables");
    for (var variable : variables.properties()) {
      require(
          variable.getKey().length() <= VARIABLE_NAME_MAX
              && variable.getValue().isTextual()
              && variable.getValue().asText().length() <= VARIABLE_VALUE_MAX,
          "variable " + variable.getKey() + " is too long or no text");
    }
  }

  private void environment() {
    JsonNode environment = content.path("environment");
    require(environment.isObject(), "environment is missing");
    known(
        environment,
        "environment",
        Set.of(
            "internet",
            "aleph_api",
            "hypervisor",
            "reproducible",
            "shared_cache",
            "trusted_execution"));
    String hypervisor = environment.path("hypervisor").asText("qemu");
    require(hypervisor.equals("qemu") || hypervisor.equals("firecracker"), "hypervisor is unknown");
  }

  private void resources() {
    JsonNode resources = content.path("resources");
    known(resources, "resources", Set.of("vcpus", "memory", "seconds", "published_ports"));
    number(resources.path("vcpus"), "vcpus", 1, 256);
    number(resources.path("memory"), "memory", 1, 1_048_576);
    number(resources.path("seconds"), "seconds", 1, 315_360_000);
  }

  private void payment() {
    JsonNode payment = content.path("payment");
    known(payment, "payment", Set.of("type", "chain", "receiver"));
    require(
        Set.of("hold", "superfluid", "credit").contains(payment.path("type").asText("hold")),
        "payment type is unknown");
    if (payment.path("type").asText().equals("credit")) {
      require(
          content.at("/requirements/node/node_hash").isTextual(),
          "payment by credit needs requirements.node.node_hash");
    }
  }

  private void requirements() {
    JsonNode requirements = content.path("requirements");
    known(requirements, "requirements", Set.of("cpu", "node", "gpu"));
    known(requirements.path("cpu"), "cpu", Set.of("architecture", "vendor", "features"));
    known(
        requirements.path("node"),
        "node",
        Set.of("owner", "address_regex", "node_hash", "terms_and_conditions"));
    JsonNode hash = requirements.path("node").path("node_hash");
    require(hash.isMissingNode() || hash.asText().matches(HASH), "node_hash is no hash");
  }

  private void volume(JsonNode volume) {
    if (volume.has("ref")) {
      known(volume, "volume", Set.of("ref", "use_latest", "mount", "comment"));
    } else if (volume.path("ephemeral").asBoolean()) {
      known(volume, "volume", Set.of("ephemeral", "size_mib", "mount", "comment"));
      number(volume.path("size_mib"), "size_mib of a volume", 1, 1000);
    } else {
      known(
          volume,
          "volume",
          Set.of("persistence", "name", "size_mib", "mount", "comment", "parent"));
      number(volume.path("size_mib"), "size_mib of a volume", 1, DISK_MIB_MAX);
    }
  }

  private void rootfs() {
    JsonNode rootfs = content.path("rootfs");
    known(rootfs, "rootfs", Set.of("parent", "persistence", "size_mib"));
    known(rootfs.path("parent"), "parent", Set.of("ref", "use_latest"));
    require(rootfs.at("/parent/ref").asText().matches(HASH), "rootfs.parent.ref is no hash");
    require(
        Set.of("host", "store").contains(rootfs.path("persistence").asText()),
        "rootfs.persistence is unknown");
    number(rootfs.path("size_mib"), "rootfs.size_mib", 1, DISK_MIB_MAX);
  }

  private void forget() {
    known(content, "content", Set.of("address", "time", "hashes", "aggregates", "reason"));
    require(content.path("hashes").isArray(), "hashes is no list");
    require(content.path("hashes").size() <= TARGETS_MAX, "too many hashes");
    for (JsonNode hash : content.path("hashes")) {
      require(hash.asText().matches(HASH), "a target is no hash");
    }
    require(content.path("reason").asText("").length() <= REASON_MAX, "reason is too long");
  }

  private void aggregate() {
    known(content, "content", Set.of("address", "time", "key", "content"));
    require(content.path("key").isTextual(), "key is no text");
    require(content.path("content").isObject(), "the aggregate's content is no object");
  }

  private void known(JsonNode node, String name, Set<String> keys) {
    for (var entry : node.properties()) {
      require(keys.contains(entry.getKey()), name + " has unknown key " + entry.getKey());
    }
  }

  private void number(JsonNode node, String name, double min, double max) {
    require(
        node.isNumber() && node.asDouble() >= min && node.asDouble() <= max,
        name + " is no number from " + min + " to " + max);
  }

  private void require(boolean holds, String problem) {
    if (!holds) {
      problems.add(problem);
    }
  }
}
