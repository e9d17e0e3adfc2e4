package ai.liberclaw.deploy.aleph;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A node that runs machines, as the public list describes it. The list is anybody's word.
 *
 * @param url its origin without trailing slash
 * @param score 0 to 1, by the network
 * @param usable whether it says that it can run machines of our kind, and is up
 * @param terms whether its operator wants terms to be agreed to
 * @param version empty when unknown
 */
public record ComputeNode(
    String hash,
    String url,
    double score,
    boolean usable,
    boolean terms,
    Optional<String> version,
    int cpus,
    double load5,
    long memoryAvailableKib,
    long diskAvailableKib) {
  private static final double SCORE_WEIGHT = 0.40;
  private static final double MEMORY_WEIGHT = 0.35;
  private static final double CPU_WEIGHT = 0.25;
  private static final double MEMORY_ENOUGH_GIB = 64;
  private static final double KIB_PER_GIB = 1024.0 * 1024;

  /** Reads the list; entries that cannot be used for anything are left out. */
  public static List<ComputeNode> list(JsonNode json) {
    List<ComputeNode> nodes = new ArrayList<>();
    for (JsonNode entry : json.path("crns")) {
      String hash = entry.path("hash").asText();
      String url = url(entry.path("address").asText(""));
      if (AlephNetwork.isHash(hash) && !url.isEmpty()) {
        nodes.add(of(entry, hash, url));
      }
    }
    return nodes;
  }

  private static ComputeNode of(JsonNode entry, String hash, String url) {
    JsonNode usage = entry.path("system_usage");
    JsonNode ipv6 = entry.path("ipv6_check");
    boolean usable =
        ipv6.path("host").asBoolean()
            && ipv6.path("vm").asBoolean()
            && entry.path("qemu_support").asBoolean()
            && usage.path("active").asBoolean()
            && !entry.hasNonNull("inactive_since");
    return new ComputeNode(
        hash,
        url,
        Math.clamp(entry.path("score").asDouble(), 0, 1),
        usable,
        entry.path("terms_and_conditions").isTextual()
            && !entry.path("terms_and_conditions").asText().isBlank(),
        Optional.ofNullable(entry.path("version").textValue()),
        Math.max(1, usage.path("cpu").path("count").asInt()),
        Math.max(0, usage.path("cpu").path("load_average").path("load5").asDouble()),
        usage.path("mem").path("available_kB").asLong(),
        usage.path("disk").path("available_kB").asLong());
  }

  /** 0 to 1: the better, the more likely it is to serve well. */
  double quality() {
    double idle = 1 - Math.min(load5 / cpus, 1);
    double memory = Math.min(memoryAvailableKib / KIB_PER_GIB / MEMORY_ENOUGH_GIB, 1);
    return SCORE_WEIGHT * score + MEMORY_WEIGHT * memory + CPU_WEIGHT * idle;
  }

  /** Processors nothing runs on. */
  double cpusFree() {
    return cpus - load5;
  }

  /** Whether its software is at least this; an unknown version is not. */
  boolean atLeast(String floor) {
    return version.map(own -> compare(own, floor) >= 0).orElse(false);
  }

  static int compare(String a, String b) {
    List<Integer> left = numbers(a);
    List<Integer> right = numbers(b);
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      int order =
          Integer.compare(i < left.size() ? left.get(i) : 0, i < right.size() ? right.get(i) : 0);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** The leading numbers: of {@code v1.14.0-rc2} they are 1, 14 and 0. */
  private static List<Integer> numbers(String version) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : version.replaceFirst("^\\D+", "").split("[^0-9]", -1)) {
      if (part.isEmpty() || part.length() > 8) {
        break;
      }
      numbers.add(Integer.valueOf(part));
    }
    return numbers;
  }

  private static String url(String address) {
    String text = address.strip();
    while (text.endsWith("/")) {
      text = text.substring(0, text.length() - 1);
    }
    boolean scheme = text.toLowerCase(Locale.ROOT).matches("https?://.+");
    return text.isEmpty() ? "" : scheme ? text : "https://" + text;
  }
}
