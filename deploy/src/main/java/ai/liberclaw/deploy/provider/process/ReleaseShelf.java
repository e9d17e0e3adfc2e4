package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.UUID;

/**
 * The releases that agents of this machine run from, each in a directory named by its content. The
 * server's own is copied here before anything runs from it: it may be replaced at any time, under
 * running agents, and an update must find its way back.
 */
final class ReleaseShelf {
  private static final Logger LOG = System.getLogger(ReleaseShelf.class.getName());

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
      String id = own.id();
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
      for (Path file : own.files()) {
        Path copy = fresh.resolve(own.directory().relativize(file).toString());
        Files.createDirectories(copy.getParent());
        // With its time, by which the start-up cache knows its jars.
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
      if (!new AgentRelease(fresh).id().equals(id)) {
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
    for (Path file : own.files()) {
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

  private static ProviderException fault(Exception e) {
    return new ProviderException(
        "release_unreadable", "The agent's release could not be read or copied.", true, e);
  }
}
