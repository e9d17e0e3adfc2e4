package ai.liberclaw.agent.tool.shell;

import ai.liberclaw.agent.sandbox.Sandbox;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The folders in which this agent puts files for the programs it starts. */
final class Exchanges {
  private static final Logger LOG = System.getLogger(Exchanges.class.getName());

  private Exchanges() {}

  /** What the names of one agent's folders begin with. */
  static String prefix(Path data) {
    return "liberclaw-tools-"
        + Integer.toHexString(data.toAbsolutePath().normalize().hashCode())
        + "-";
  }

  /** Deletes what a killed agent left. */
  static void deleteLeftovers(Path data) {
    Path folder = Sandbox.exchanges();
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, prefix(data) + "*")) {
      left.forEach(Exchanges::delete);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "tool.exchanges_stay reason={0}", e.toString());
    }
  }

  /** Deletes one and its files; there are no folders in it. */
  static void delete(Path exchange) {
    try {
      if (Files.isSymbolicLink(exchange)) {
        return;
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(exchange)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(exchange);
    } catch (NoSuchFileException _) {
      // Somebody was faster.
    } catch (IOException e) {
      LOG.log(Level.WARNING, "tool.exchange_stays reason={0}", e.toString());
    }
  }
}
