package ai.liberclaw.agent.sandbox;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * Gives a workspace to the user that tools run as: all of it the first time, later what a server
 * makes near its root.
 */
public final class WorkspaceHandover {
  /** As deep as the server itself makes files at start: {@code skills/<name>/SKILL.md}. */
  private static final int DEPTH_LATER = 3;

  private final Sandbox sandbox;

  public WorkspaceHandover(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  /**
   * @throws IOException when something of it cannot be given away
   */
  public void all() throws IOException {
    if (sandbox.user().isEmpty()) {
      return;
    }
    Path root = sandbox.directory();
    // The root is given last, so this is true only when all has been.
    boolean done = Files.getAttribute(root, "unix:uid").equals(sandbox.user().getAsInt());
    Files.walkFileTree(
        root,
        EnumSet.noneOf(FileVisitOption.class),
        done ? DEPTH_LATER : Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            handOver(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            handOver(folder);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            // Tools may have made folders that the server cannot read; those are theirs already.
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void handOver(Path path) throws IOException {
    try {
      sandbox.handover().of(path);
    } catch (NoSuchFileException e) {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }
}
