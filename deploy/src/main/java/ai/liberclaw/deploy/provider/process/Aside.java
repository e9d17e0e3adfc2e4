package ai.liberclaw.deploy.provider.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A copy of an agent's database, made while nothing has it open: then the file and its write-ahead
 * log are a whole.
 */
record Aside(AgentDirectory directory) {
  private static final String LOG_SUFFIX = "-wal";
  private static final String INDEX_SUFFIX = "-shm";

  private Path kept() {
    return directory.root().resolve("aside");
  }

  /** Copies the database, on the disk when this returns; an earlier copy is replaced. */
  void keep() throws IOException {
    Path fresh = directory.root().resolve("aside.new");
    AgentDirectory.wipeTree(fresh);
    AgentDirectory.makePrivate(fresh);
    for (Path file : List.of(directory.database(), sibling(LOG_SUFFIX))) {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        Path copy = fresh.resolve(file.getFileName());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
    AgentDirectory.wipeTree(kept());
    Files.move(fresh, kept(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Puts the copy in the database's place; the copy stays, so that this can be repeated. */
  void restore() throws IOException {
    Files.deleteIfExists(sibling(INDEX_SUFFIX));
    Files.deleteIfExists(sibling(LOG_SUFFIX));
    Files.deleteIfExists(directory.database());
    for (Path file : List.of(directory.database(), sibling(LOG_SUFFIX))) {
      Path copy = kept().resolve(file.getFileName());
      if (Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS)) {
        Files.copy(copy, file, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  /** Removes the copy; none is success. */
  void remove() throws IOException {
    AgentDirectory.wipeTree(kept());
  }

  private Path sibling(String suffix) {
    return directory.database().resolveSibling(directory.database().getFileName() + suffix);
  }
}
