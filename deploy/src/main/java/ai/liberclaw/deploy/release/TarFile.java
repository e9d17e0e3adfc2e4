package ai.liberclaw.deploy.release;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A bundle's archive, read once from its beginning to its end. */
public final class TarFile implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final TarArchiveInputStream tar;

  private TarFile(TarArchiveInputStream tar) {
    this.tar = tar;
  }

  public static TarFile open(Path archive, Compression compression) throws IOException {
    InputStream packed = new BufferedInputStream(Files.newInputStream(archive), BUFFER_BYTES);
    try {
      InputStream plain =
          switch (compression) {
            case ZSTD -> new ZstdInputStream(packed);
            case GZIP -> new GZIPInputStream(packed, BUFFER_BYTES);
          };
      return new TarFile(new TarArchiveInputStream(plain));
    } catch (IOException e) {
      packed.close();
      throw e;
    }
  }

  /**
   * Reads all of it.
   *
   * @throws BundleException when it does not hold exactly the files of the manifest
   */
  void check(Manifest manifest) throws IOException {
    read(manifest, _ -> OutputStream.nullOutputStream());
  }

  /**
   * Writes all of it below an empty directory, with the manifest's modes.
   *
   * @throws BundleException when it does not hold exactly the files of the manifest; what was
   *     written until then is left to the caller
   */
  public void unpack(Manifest manifest, Path directory) throws IOException {
    read(
        manifest,
        file -> {
          Path target = directory.resolve(file.path());
          Files.createDirectories(target.getParent());
          Files.createFile(
              target,
              PosixFilePermissions.asFileAttribute(
                  PosixFilePermissions.fromString(file.executable() ? "rwxr-xr-x" : "rw-r--r--")));
          return Files.newOutputStream(target);
        });
  }

  private void read(Manifest manifest, Target target) throws IOException {
    Map<String, Manifest.Entry> expected = new HashMap<>();
    manifest.files().forEach(file -> expected.put(file.path(), file));
    for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
      if (entry.isDirectory()) {
        continue;
      }
      Manifest.Entry file = expected.remove(entry.getName());
      if (file == null
          || !entry.isFile()
          || entry.isSparse()
          || entry.getSize() != file.size()
          || (entry.getMode() & 0777) != file.mode()) {
        throw new BundleException("The bundle's archive holds what its manifest does not say");
      }
      MessageDigest digest = Sha256.digest();
      try (OutputStream out = new DigestOutputStream(target.open(file), digest)) {
        tar.transferTo(out);
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(file.sha256())) {
        throw new BundleException("A file of the bundle has another hash than its manifest says");
      }
    }
    if (!expected.isEmpty()) {
      throw new BundleException("The bundle's archive lacks files of its manifest");
    }
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }

  /** Where a file's bytes go. */
  @FunctionalInterface
  private interface Target {
    OutputStream open(Manifest.Entry file) throws IOException;
  }
}
