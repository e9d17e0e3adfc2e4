package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.Sha256;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A tree of files as a tar whose bytes depend on nothing but them. */
public final class Packing {
  /** Minutes for some megabytes less: for what goes out to others. */
  public static final int LEVEL_SMALL = 19;

  /** Seconds: for one's own machine. */
  public static final int LEVEL_QUICK = 6;

  private Packing() {}

  /** Every regular file below the tree. */
  public static List<Manifest.Entry> describe(Path tree) throws IOException {
    List<Manifest.Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.add(
            new Manifest.Entry(
                tree.relativize(file).toString(),
                Files.size(file),
                Files.isExecutable(file) ? 0755 : 0644,
                Sha256.of(file)));
      }
    }
    entries.sort(Comparator.comparing(Manifest.Entry::path));
    return entries;
  }

  /** Packs these files of the tree, with the folders they are in; all belong to root. */
  public static void pack(Path tree, List<Manifest.Entry> files, Path archive, int level)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive));
        ZstdOutputStream zstd = new ZstdOutputStream(out, level);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(zstd, "UTF-8")) {
      // However many there are, the bytes are the same; without any they would be others.
      zstd.setWorkers(Runtime.getRuntime().availableProcessors());
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      Set<String> folders = new HashSet<>();
      for (Manifest.Entry file : files) {
        for (int at = file.path().indexOf('/'); at > 0; at = file.path().indexOf('/', at + 1)) {
          String folder = file.path().substring(0, at + 1);
          if (folders.add(folder)) {
            put(tar, new TarArchiveEntry(folder), 0755);
            tar.closeArchiveEntry();
          }
        }
        TarArchiveEntry entry = new TarArchiveEntry(file.path());
        entry.setSize(file.size());
        put(tar, entry, file.mode());
        Files.copy(tree.resolve(file.path()), tar);
        tar.closeArchiveEntry();
      }
    }
  }

  private static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, int mode)
      throws IOException {
    entry.setMode(mode);
    entry.setIds(0, 0);
    entry.setNames("root", "root");
    entry.setLastModifiedTime(BundleBuild.FILE_TIME);
    tar.putArchiveEntry(entry);
  }
}
