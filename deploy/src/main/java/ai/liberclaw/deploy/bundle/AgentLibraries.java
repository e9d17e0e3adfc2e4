package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.BundleException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The agent's jars, packed anew without compression: the archive as a whole compresses better. Of
 * SQLite's natives only this platform's stays, as a file that need not be unpacked at each start.
 */
final class AgentLibraries {
  private static final String NATIVES = "org/sqlite/native/";
  private static final String NATIVE = NATIVES + "Linux/x86_64/libsqlitejdbc.so";

  private final Path agent;

  AgentLibraries(Path agent) {
    this.agent = agent;
  }

  void copy(Path app) throws IOException {
    Path jar = agent.resolve("agent.jar");
    if (!Files.isRegularFile(jar)) {
      throw new BundleException("The agent is not built: make build");
    }
    Files.createDirectories(app.resolve("lib"));
    Files.createDirectories(app.resolve("native"));
    copy(jar, app.resolve("agent.jar"), app);
    try (Stream<Path> libraries = Files.list(agent.resolve("lib"))) {
      for (Path library : libraries.sorted().toList()) {
        copy(library, app.resolve("lib").resolve(library.getFileName()), app);
      }
    }
    if (!Files.isRegularFile(app.resolve("native/libsqlitejdbc.so"))) {
      throw new BundleException("SQLite's native library is not where it is expected");
    }
  }

  private static void copy(Path from, Path to, Path app) throws IOException {
    try (ZipFile in = new ZipFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setMethod(ZipOutputStream.STORED);
      List<? extends ZipEntry> entries = new ArrayList<>(in.stream().toList());
      // A manifest must come first to be found by those who read jars as streams.
      entries.sort(
          Comparator.comparing((ZipEntry e) -> !e.getName().equals("META-INF/MANIFEST.MF"))
              .thenComparing(ZipEntry::getName));
      for (ZipEntry entry : entries) {
        if (entry.getName().equals(NATIVE)) {
          try (InputStream library = in.getInputStream(entry)) {
            Files.copy(library, app.resolve("native/libsqlitejdbc.so"));
          }
        }
        // Folders too: some look for their resources by them.
        if (!entry.getName().startsWith(NATIVES)) {
          try (InputStream content = in.getInputStream(entry)) {
            put(out, entry.getName(), content.readAllBytes());
          }
        }
      }
    }
  }

  private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    // In local time, so that no zone of the building machine gets in.
    entry.setTimeLocal(java.time.LocalDateTime.of(2026, 1, 1, 0, 0));
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }
}
