package ai.liberclaw.deploy.host;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

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
