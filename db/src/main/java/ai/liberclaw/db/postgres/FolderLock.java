package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets one process at a time, and one thread in it, start or stop the server of a folder. Gone with
 * its process.
 */
final class FolderLock implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  static FolderLock take(Path folder, Duration limit) {
    Path file = folder.resolve("lock");
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        // Polled, because waiting for it has no limit in Java, and is refused where another thread
        // of ours holds it.
        while (locked(channel) == null) {
          if (System.nanoTime() > deadline) {
            throw new IOException("another process has held it for " + limit.toSeconds() + " s");
          }
          TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
        return new FolderLock(channel);
      } catch (IOException | InterruptedException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new DatabaseException("The file " + file + " can't be locked: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("Interrupted while waiting for " + file, e);
    }
  }

  private static @Nullable FileLock locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new DatabaseException("The database's folder can't be unlocked: " + e.getMessage(), e);
    }
  }
}
