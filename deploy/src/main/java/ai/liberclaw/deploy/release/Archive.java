package ai.liberclaw.deploy.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A packed bundle on this server: to be sent to a target, which checks the hash before it unpacks.
 * The tar's entries are relative, begin with {@code bin/}, {@code jre/} and so on, and belong to
 * root.
 *
 * @param sha256 in lower-case hex
 */
public record Archive(Path file, Compression compression, String sha256, long bytes) {
  /** The one that was kept in this folder, named after its hash. */
  static Optional<Archive> kept(Path folder, Compression compression) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    String suffix = compression.suffix();
    try (Stream<Path> files = Files.list(folder)) {
      Optional<Path> found =
          files.filter(f -> f.getFileName().toString().endsWith(suffix)).sorted().findFirst();
      return found.isEmpty() ? Optional.empty() : Optional.of(named(found.get(), compression));
    }
  }

  /** A file named after its hash. */
  static Archive named(Path file, Compression compression) throws IOException {
    String name = file.getFileName().toString();
    return new Archive(
        file,
        compression,
        name.substring(0, name.length() - compression.suffix().length()),
        Files.size(file));
  }
}
