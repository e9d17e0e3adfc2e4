package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The programs of PostgreSQL, unpacked from the jar of this machine's platform on the class path.
 * One copy serves all servers of a user: it is made aside, renamed when it is whole, and checked at
 * each use.
 */
final class PostgresBinaries {
  // How much of the jar's entry names the unpacked copy; inside it, how many bytes it must hold.
  private static final String SIZE_FILE = ".unpacked-bytes";

  private final URL archive;
  private final String name;

  private PostgresBinaries(URL archive, String name) {
    this.archive = archive;
    this.name = name;
  }

  static PostgresBinaries ofThisMachine() {
    String system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
    String processor =
        switch (System.getProperty("os.arch")) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          case String other -> other;
        };
    String resource = "postgres-" + system + "-" + processor + ".txz";
    URL archive = PostgresBinaries.class.getClassLoader().getResource(resource);
    if (archive == null) {
      throw new DatabaseException(
          "There is no PostgreSQL for this machine ("
              + resource
              + ") beside this program. Set LIBERCLAW_DATABASE_URL to a server.");
    }
    try {
      URLConnection connection = archive.openConnection();
      connection.setUseCaches(false);
      String mark =
          connection instanceof JarURLConnection jar
              ? HexFormat.of().toHexDigits((int) jar.getJarEntry().getCrc())
              : Long.toHexString(connection.getContentLengthLong());
      return new PostgresBinaries(archive, "postgres-" + mark);
    } catch (IOException e) {
      throw new DatabaseException(
          "The PostgreSQL beside this program can't be read: " + e.getMessage(), e);
    }
  }

  /** The folder of the programs: unpacked in the first of {@code places} where that can be done. */
  Path unpackedIn(List<Path> places) {
    IOException failure = null;
    for (Path place : places) {
      try {
        return unpacked(place);
      } catch (IOException e) {
        failure = e;
      }
    }
    throw new DatabaseException(
        "PostgreSQL can't be unpacked in any of " + places + ": " + failure, failure);
  }

  private Path unpacked(Path place) throws IOException {
    Files.createDirectories(
        place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    refuseForeign(place);
    Path home = place.resolve(name);
    if (isWhole(home)) {
      return home;
    }
    Path fresh = Files.createTempDirectory(place, name + ".");
    try {
      unpackTo(fresh);
      // Others must be able to read it where the server runs as another user; nobody else may
      // write.
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
      if (Files.exists(home) && !isWhole(home)) {
        // Cut down by a cleaner of temporary files, or by a power failure.
        Files.move(home, fresh.resolve("broken"), StandardCopyOption.ATOMIC_MOVE);
        delete(fresh.resolve("broken"));
      }
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Another process may have been faster.
      if (!isWhole(home)) {
        throw e;
      }
    } finally {
      delete(fresh);
    }
    return home;
  }

  /** A place that others can write to could hold programs that are not PostgreSQL's. */
  private static void refuseForeign(Path place) throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(place, LinkOption.NOFOLLOW_LINKS);
    boolean others =
        mode.contains(PosixFilePermission.GROUP_WRITE)
            || mode.contains(PosixFilePermission.OTHERS_WRITE);
    if (others
        || !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)
        || ServerUser.ownerOf(place) != ServerUser.ourUid()) {
      throw new FileSystemException(place.toString(), null, "others can write to it");
    }
  }

  private static boolean isWhole(Path home) throws IOException {
    Path size = home.resolve(SIZE_FILE);
    return Files.isRegularFile(size) && Files.readString(size).equals(Long.toString(bytesIn(home)));
  }

  private static long bytesIn(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      long bytes = 0;
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !file.endsWith(SIZE_FILE)) {
          bytes += Files.size(file);
        }
      }
      return bytes;
    }
  }

  private void unpackTo(Path folder) throws IOException {
    try (InputStream compressed = new BufferedInputStream(archive.openStream());
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new XZCompressorInputStream(compressed))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) {
          throw new IOException("an entry outside of the archive's folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else if (entry.isSymbolicLink()) {
          Files.createDirectories(target.getParent());
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(tar, target);
          boolean runs = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              target, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
    Files.writeString(folder.resolve(SIZE_FILE), Long.toString(bytesIn(folder)));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}
