package ai.liberclaw.deploy.host;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a host says of itself.
 *
 * @param os {@code ID} and {@code VERSION_ID} of its os-release: {@code debian 12}
 * @param machine {@code x86_64}
 * @param memoryBytes of the whole host
 * @param diskFreeBytes where releases and data are kept
 * @param systemd whether units can be used; else agents are kept up by a loop of ours
 * @param zstd whether it reads that compression
 * @param clockSkewSeconds its clock minus ours
 */
public record HostFacts(
    String os,
    String machine,
    long memoryBytes,
    long diskFreeBytes,
    boolean systemd,
    boolean zstd,
    long clockSkewSeconds) {
  private static final long KIB = 1024;

  /**
   * Reads what {@code facts.sh} prints.
   *
   * @throws ProviderException {@code host_lacks} naming what is missing
   */
  static HostFacts read(String printed, Instant now) {
    Map<String, String> facts = new HashMap<>();
    List<String> lacks = new ArrayList<>();
    for (String line : printed.split("\n", -1)) {
      String[] parts = line.split("=", 2);
      if (parts.length == 2 && parts[0].equals("lacks")) {
        lacks.add(parts[1]);
      } else if (parts.length == 2) {
        facts.put(parts[0], parts[1].strip());
      }
    }
    if (!lacks.isEmpty()) {
      throw new ProviderException(
          "host_lacks", "The machine lacks " + String.join(", ", lacks) + ".", false, null);
    }
    return new HostFacts(
        facts.getOrDefault("os", "unknown"),
        facts.getOrDefault("machine", "unknown"),
        number(facts, "memory_kb") * KIB,
        number(facts, "disk_kb") * KIB,
        Boolean.parseBoolean(facts.get("systemd")),
        Boolean.parseBoolean(facts.get("zstd")),
        number(facts, "time") - now.getEpochSecond());
  }

  private static long number(Map<String, String> facts, String name) {
    try {
      return Long.parseLong(facts.getOrDefault(name, "0"));
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  public ObjectNode json() {
    return Json.object()
        .put("os", os)
        .put("machine", machine)
        .put("memory_bytes", memoryBytes)
        .put("disk_free_bytes", diskFreeBytes)
        .put("systemd", systemd)
        .put("zstd", zstd)
        .put("clock_skew_seconds", clockSkewSeconds);
  }

  /** Reads {@link #json}. */
  public static HostFacts of(JsonNode json) {
    return new HostFacts(
        json.path("os").asText(),
        json.path("machine").asText(),
        json.path("memory_bytes").asLong(),
        json.path("disk_free_bytes").asLong(),
        json.path("systemd").asBoolean(),
        json.path("zstd").asBoolean(),
        json.path("clock_skew_seconds").asLong());
  }
}
