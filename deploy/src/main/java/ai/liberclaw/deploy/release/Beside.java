package ai.liberclaw.deploy.release;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Folders shipped beside the jar that holds this class, or beside its folder of libraries. */
final class Beside {
  private Beside() {}

  static Optional<Path> find(String name) {
    try {
      Path jar = Path.of(Beside.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path folder = jar.getParent() == null ? jar : jar.getParent();
      for (Path found : new Path[] {folder.resolve(name), folder.resolveSibling(name)}) {
        if (Files.isDirectory(found)) {
          return Optional.of(found);
        }
      }
      return Optional.empty();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
