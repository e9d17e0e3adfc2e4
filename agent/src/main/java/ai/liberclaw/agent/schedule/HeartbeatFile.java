package ai.liberclaw.agent.schedule;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The instructions an agent keeps for its heartbeats. */
final class HeartbeatFile {
  static final String NAME = "HEARTBEAT.md";
  private static final int BYTES_MAX = 64 * 1024;

  private final Path file;

  HeartbeatFile(Path workspace) {
    this.file = workspace.resolve(NAME);
  }

  /** Whether there is anything to do. A file that cannot be read, or is none, asks for nothing. */
  boolean isActionable() {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(BYTES_MAX), StandardCharsets.UTF_8);
      return text.replace("\uFEFF", "").lines().map(String::strip).anyMatch(HeartbeatFile::asks);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean asks(String line) {
    boolean comment = line.startsWith("<!--") && line.endsWith("-->");
    return !line.isEmpty() && !line.startsWith("#") && !comment;
  }
}
