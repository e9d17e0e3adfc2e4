package ai.liberclaw.agent.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** Contents of files, compressed, each once, under the SHA-256 of what it holds. */
final class ContentStore {
  private static final String UNFINISHED = "unfinished-";

  private final Path folder;

  ContentStore(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder);
    try (Stream<Path> left = Files.list(folder)) {
      for (Path file :
          left.filter(f -> f.getFileName().toString().startsWith(UNFINISHED)).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Keeps all of it and returns its hash. */
  String put(InputStream content) throws IOException {
    MessageDigest digest = Hashes.sha256();
    Path unfinished = Files.createTempFile(folder, UNFINISHED, "");
    try {
      Deflater fast = new Deflater(Deflater.BEST_SPEED);
      try (OutputStream out =
          new DeflaterOutputStream(Files.newOutputStream(unfinished), fast, 16 << 10)) {
        new DigestInputStream(content, digest).transferTo(out);
      } finally {
        fast.end();
      }
      String hash = HexFormat.of().formatHex(digest.digest());
      Path place = place(hash);
      if (!Files.exists(place)) {
        Files.createDirectories(folder.resolve(hash.substring(0, 2)));
        Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
      }
      return hash;
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** The hash that {@link #put} would return. */
  static String hash(InputStream content) throws IOException {
    MessageDigest digest = Hashes.sha256();
    new DigestInputStream(content, digest).transferTo(OutputStream.nullOutputStream());
    return HexFormat.of().formatHex(digest.digest());
  }

  boolean holds(String hash) {
    return Files.exists(place(hash));
  }

  /**
   * Copies a content to a stream.
   *
   * @throws IOException also when it is not there, or not what its name says
   */
  void copy(String hash, OutputStream out) throws IOException {
    MessageDigest digest = Hashes.sha256();
    try (InputStream in =
        new DigestInputStream(new InflaterInputStream(Files.newInputStream(place(hash))), digest)) {
      in.transferTo(out);
    } catch (NoSuchFileException e) {
      throw new IOException("its content is missing", e);
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(hash)) {
      throw new IOException("its content is damaged");
    }
  }

  private Path place(String hash) {
    return folder.resolve(hash.substring(0, 2)).resolve(hash.substring(2));
  }

  /** Deletes what nothing needs any more. */
  void keepOnly(Set<String> needed) throws IOException {
    each((hash, bytes) -> {
      if (!needed.contains(hash)) {
        try {
          Files.deleteIfExists(place(hash));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    });
  }

  /** Calls back with each content and the bytes it takes here. */
  void each(BiConsumer<String, Long> content) throws IOException {
    try (Stream<Path> folders = Files.list(folder)) {
      for (Path inner : folders.filter(Files::isDirectory).toList()) {
        try (Stream<Path> files = Files.list(inner)) {
          for (Path file : files.toList()) {
            content.accept(
                inner.getFileName().toString() + file.getFileName(),
                Files.readAttributes(file, BasicFileAttributes.class).size());
          }
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
