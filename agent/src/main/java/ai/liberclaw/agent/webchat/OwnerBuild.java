package ai.liberclaw.agent.webchat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** A page that the owner built, from a folder that nothing leads out of. */
final class OwnerBuild implements PageFiles {
  /** Larger files are no part of a page. */
  private static final long FILE_BYTES_MAX = 20L << 20;

  private final Path folder;

  OwnerBuild(Path folder) {
    this.folder = folder;
  }

  @Override
  public Optional<PageFile> find(String path) throws IOException {
    Path file;
    try {
      Path root = folder.toRealPath();
      file = root.resolve(path).toRealPath();
      if (!file.startsWith(root) || hidden(root.relativize(file)) || !Files.isRegularFile(file)) {
        return Optional.empty();
      }
    } catch (InvalidPathException | IOException _) {
      return Optional.empty();
    }
    if (Files.size(file) > FILE_BYTES_MAX) {
      return Optional.empty();
    }
    return Optional.of(new PageFile(String.valueOf(file.getFileName()), Files.readAllBytes(file)));
  }

  private static boolean hidden(Path relative) {
    for (Path name : relative) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String policy() {
    // Many build tools write styles into the page; scripts they can all keep in files.
    return "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:;"
        + " font-src 'self' data:; media-src 'self' blob:; base-uri 'none'; form-action 'none';"
        + " frame-ancestors 'none'";
  }
}
