package ai.liberclaw.deploy.release;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** The same tar in another packing, made once and kept beside the first under its hash. */
final class Repacking {
  private Repacking() {}

  static Archive gzip(Path folder, Path zstd) throws IOException {
    String suffix = Compression.GZIP.suffix();
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> made = files.filter(f -> f.getFileName().toString().endsWith(suffix)).toList();
      if (!made.isEmpty()) {
        return archive(made.getFirst());
      }
    }
    // Two at once make the same bytes twice; whichever moves last changes nothing.
    Path unfinished = Files.createTempFile(folder, ".repacking-", "");
    try {
      try (InputStream tar =
              new ZstdInputStream(new BufferedInputStream(Files.newInputStream(zstd)));
          OutputStream packed = new GZIPOutputStream(Files.newOutputStream(unfinished), 1 << 16)) {
        tar.transferTo(packed);
      }
      Path file = folder.resolve(Sha256.of(unfinished) + suffix);
      return archive(
          Files.move(
              unfinished,
              file,
              StandardCopyOption.ATOMIC_MOVE,
              StandardCopyOption.REPLACE_EXISTING));
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static Archive archive(Path file) throws IOException {
    String name = file.getFileName().toString();
    return new Archive(
        file,
        Compression.GZIP,
        name.substring(0, name.length() - Compression.GZIP.suffix().length()),
        Files.size(file));
  }
}
