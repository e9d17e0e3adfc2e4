package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Resolves links and {@code ..} as the kernel does, also where the last names do not exist. */
final class LinkResolver {
  private static final int LINKS_MAX = 40;

  private LinkResolver() {}

  /**
   * The path without links.
   *
   * @param start a real path, for relative ones
   * @return empty for a loop of links
   */
  static Optional<Path> resolve(Path start, Path path) {
    Path at = path.isAbsolute() ? path.getRoot() : start;
    Deque<Path> todo = new ArrayDeque<>();
    path.forEach(todo::addLast);
    int links = 0;
    while (!todo.isEmpty()) {
      String name = todo.removeFirst().toString();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        Path parent = at.getParent();
        at = parent == null ? at : parent;
        continue;
      }
      Path next = at.resolve(name);
      Optional<Path> target = target(next);
      if (target.isEmpty()) {
        at = next;
        continue;
      }
      if (++links > LINKS_MAX) {
        return Optional.empty();
      }
      Path link = target.get();
      at = link.isAbsolute() ? link.getRoot() : at;
      for (int i = link.getNameCount() - 1; i >= 0; i--) {
        todo.addFirst(link.getName(i));
      }
    }
    return Optional.of(at);
  }

  private static Optional<Path> target(Path path) {
    if (!Files.isSymbolicLink(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readSymbolicLink(path));
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
