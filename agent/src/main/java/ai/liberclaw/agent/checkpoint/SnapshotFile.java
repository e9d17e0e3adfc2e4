package ai.liberclaw.agent.checkpoint;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A snapshot as a file: compressed lines, first a JSON header, then an entry each, tabs between its
 * fields. Its id is the SHA-256 of the lines.
 */
final class SnapshotFile {
  private static final int FIELDS = 6;

  private SnapshotFile() {}

  /** Writes it and returns its id. */
  static String write(Snapshot snapshot, Path file) throws IOException {
    MessageDigest digest = Hashes.sha256();
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file), 64 << 10);
        Writer lines =
            new BufferedWriter(
                new OutputStreamWriter(
                    new DigestOutputStream(out, digest), StandardCharsets.UTF_8))) {
      lines.write(header(snapshot));
      for (Map.Entry<String, Snapshot.Entry> entry : snapshot.entries().entrySet()) {
        Snapshot.Entry e = entry.getValue();
        lines.write(
            String.join(
                "\t",
                String.valueOf(e.kind().letter()),
                e.hash(),
                Long.toString(e.bytes()),
                Long.toString(e.modified()),
                Json.write(Json.array().add(e.key())),
                Json.write(Json.array().add(entry.getKey()))));
        lines.write('\n');
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String header(Snapshot snapshot) {
    return Json.write(
            Json.object()
                .put("message", snapshot.message())
                .put("created_at", snapshot.createdAt().toEpochMilli()))
        + "\n";
  }

  /** Only what the first line says: message and time. */
  static Checkpoint head(String id, Path file) throws IOException {
    try (BufferedReader lines = open(file)) {
      JsonNode header = header(lines);
      return new Checkpoint(id, header.path("message").asText(), time(header));
    }
  }

  /**
   * Reads it whole.
   *
   * @throws IOException also when the file is damaged
   */
  static Snapshot read(Path file) throws IOException {
    try (BufferedReader lines = open(file)) {
      JsonNode header = header(lines);
      TreeMap<String, Snapshot.Entry> entries = new TreeMap<>();
      String line;
      while ((line = lines.readLine()) != null) {
        String[] fields = line.split("\t", FIELDS);
        if (fields.length != FIELDS) {
          throw new IOException("damaged checkpoint");
        }
        entries.put(
            text(fields[5]),
            new Snapshot.Entry(
                Snapshot.Kind.of(fields[0]),
                fields[1],
                Long.parseLong(fields[2]),
                Long.parseLong(fields[3]),
                text(fields[4])));
      }
      return new Snapshot(header.path("message").asText(), time(header), entries);
    } catch (IllegalArgumentException | JsonException e) {
      throw new IOException("damaged checkpoint", e);
    }
  }

  private static BufferedReader open(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(file), 64 << 10), StandardCharsets.UTF_8));
  }

  private static JsonNode header(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    try {
      return Json.parse(line == null ? "" : line);
    } catch (JsonException e) {
      throw new IOException("damaged checkpoint", e);
    }
  }

  private static Instant time(JsonNode header) {
    return Instant.ofEpochMilli(header.path("created_at").asLong());
  }

  private static String text(String json) {
    return Json.parse(json).path(0).asText();
  }
}
