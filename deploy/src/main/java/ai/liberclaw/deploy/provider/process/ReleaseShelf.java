package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The releases that agents of this machine run from, each in a directory named by its content. The
 * server's own is copied here before anything runs from it: it may be replaced at any time, under
 * running agents, and an update must find its way back.
 */
final class ReleaseShelf {
  private static final Logger LOG = System.getLogger(ReleaseShelf.class.getName());
  private static final int ID_HEX_DIGITS = 32;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Path shelf;
  private final AgentRelease own;
  private Known known = new Known("", "");

  /** What the server's own release was when it was last read, and its id. */
  private record Known(String state, String id) {}

  ReleaseShelf(Path shelf, AgentRelease own) {
    this.shelf = shelf;
    this.own = own;
  }

  /** Id of the server's own release. */
  String current() {
    own.requirePresent();
    try {
      String state = state();
      synchronized (this) {
        if (known.state().equals(state)) {
          return known.id();
        }
      }
      String id = id(own.directory());
      synchronized (this) {
        known = new Known(state, id);
      }
      return id;
    } catch (IOException | UncheckedIOException e) {
      throw fault(e);
    }
  }

  /**
   * The release, ready to run.
   *
   * @throws ProviderException when it is neither here nor the server's own
   */
  AgentRelease take(String id) {
    AgentRelease found = new AgentRelease(shelf.resolve(id));
    if (found.present()) {
      return found;
    }
    if (!current().equals(id)) {
      throw new ProviderException(
          "release_unknown", "This server does not have that release of the agent.", false, null);
    }
    if (!own.kept()) {
      return own;
    }
    try {
      copy(id);
      return found;
    } catch (IOException | UncheckedIOException e) {
      throw fault(e);
    }
  }

  /** Removes all releases but these and the server's own. */
  void keepOnly(Set<String> ids) {
    if (!own.present() || !Files.isDirectory(shelf)) {
      return;
    }
    String current = current();
    try (DirectoryStream<Path> releases = Files.newDirectoryStream(shelf)) {
      for (Path release : releases) {
        String name = release.getFileName().toString();
        if (!ids.contains(name) && !name.equals(current)) {
          AgentDirectory.wipeTree(release);
          LOG.log(Level.INFO, "release.removed release=" + name);
        }
      }
    } catch (IOException e) {
      // Space is all it costs.
      LOG.log(Level.WARNING, "release.not_removed", e);
    }
  }

  private void copy(String id) throws IOException {
    Files.createDirectories(shelf);
    Path fresh = shelf.resolve(".new-" + UUID.randomUUID());
    try {
      for (Path file : files(own.directory())) {
        Path copy = fresh.resolve(own.directory().relativize(file).toString());
        Files.createDirectories(copy.getParent());
        // With its time, by which the start-up cache knows its jars.
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
      if (!id(fresh).equals(id)) {
        throw new ProviderException(
            "release_changed", "The agent's release is just being replaced.", true, null);
      }
      try {
        Files.move(fresh, shelf.resolve(id), StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        // Another worker was quicker.
        if (!Files.isDirectory(shelf.resolve(id))) {
          throw e;
        }
      }
    } finally {
      AgentDirectory.wipeTree(fresh);
    }
  }

  /** Changes with every replaced file, without reading any. */
  private String state() throws IOException {
    StringBuilder state = new StringBuilder();
    for (Path file : files(own.directory())) {
      state
          .append(file)
          .append(' ')
          .append(Files.size(file))
          .append(' ')
          .append(Files.getLastModifiedTime(file))
          .append('\n');
    }
    return state.toString();
  }

  /** The start-up cache is left out: it says nothing of what runs, and differs by machine. */
  private static String id(Path directory) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (Path file : files(directory)) {
      if (file.endsWith(AgentRelease.CACHE)) {
        continue;
      }
      String name = directory.relativize(file) + "\0" + Files.size(file) + "\0";
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, ID_HEX_DIGITS);
  }

  /** What makes a release; beside it anything may lie, such as the rest of a build. */
  private static List<Path> files(Path directory) throws IOException {
    List<Path> files = new ArrayList<>(List.of(directory.resolve(AgentRelease.JAR)));
    if (Files.exists(directory.resolve(AgentRelease.CACHE))) {
      files.add(directory.resolve(AgentRelease.CACHE));
    }
    Path libraries = directory.resolve(AgentRelease.LIBRARIES);
    if (Files.isDirectory(libraries)) {
      try (Stream<Path> all = Files.walk(libraries)) {
        all.filter(Files::isRegularFile).sorted().forEach(files::add);
      }
    }
    return files;
  }

  private static ProviderException fault(Exception e) {
    return new ProviderException(
        "release_unreadable", "The agent's release could not be read or copied.", true, e);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
