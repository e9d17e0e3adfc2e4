package ai.liberclaw.agent.janitor;

import ai.liberclaw.agent.journal.RetentionStore;
import ai.liberclaw.agent.tool.CappedFolder;
import ai.liberclaw.agent.workspace.Workspace;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Once a day: deletes rows and files that have been kept long enough. */
public final class Janitor implements AutoCloseable {
  private static final Duration EVERY = Duration.ofDays(1);

  /** Names that tools give to the files they make, so that nobody else's are touched. */
  private static final String RESULT_NAMES = "*-????????????.txt";

  private static final String DOWNLOAD_NAMES = "[!.]*";
  private static final String IMAGE_NAMES = "????????-????-????-????-????????????.*";

  private static final Logger LOG = System.getLogger(Janitor.class.getName());

  private final RetentionStore rows;
  private final JanitorSettings settings;
  private final Path data;
  private final Path workspace;
  private final CappedFolder toolResults;
  private final CappedFolder downloads;
  private final CappedFolder images;
  private final Clock clock;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * @param data the folder of the agent's database, where processes may have their logs
   */
  public Janitor(
      RetentionStore rows, JanitorSettings settings, Workspace workspace, Path data, Clock clock) {
    this.rows = rows;
    this.settings = settings;
    this.data = data.toAbsolutePath().normalize();
    this.workspace = workspace.root();
    this.toolResults = new CappedFolder(workspace, "tool-results", RESULT_NAMES);
    this.downloads = new CappedFolder(workspace, "downloads", DOWNLOAD_NAMES);
    this.images = new CappedFolder(workspace, "images", IMAGE_NAMES);
    this.clock = clock;
  }

  /** Begins to clean, the first time at once. */
  public void start() {
    Thread.ofVirtual().name("janitor").start(this::run);
  }

  private void run() {
    try {
      do {
        clean();
      } while (!stopped.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Cleans once. What fails is logged and tried again the next day. */
  public void clean() {
    Instant now = clock.instant();
    try {
      rows.prune(now).forEach(this::deleteLog);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "janitor.rows_not_pruned", e);
    }
    try {
      prune(toolResults, settings.toolResults(), now);
      prune(downloads, settings.downloads(), now);
      prune(images, settings.images(), now);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "janitor.files_not_pruned", e);
    }
  }

  private void prune(CappedFolder folder, Duration kept, Instant now) {
    Instant oldest = kept.isPositive() ? now.minus(kept) : Instant.MIN;
    folder.prune(oldest, settings.filesMax(), settings.bytesMax());
  }

  /** Only a file in one of the agent's own folders. */
  private void deleteLog(String path) {
    try {
      Path log = workspace.resolve(path).normalize();
      Path folder = log.getParent();
      if (folder == null || !Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      Path real = folder.toRealPath();
      if (real.startsWith(workspace) || real.startsWith(data.toRealPath())) {
        Files.deleteIfExists(log);
      }
    } catch (IOException | InvalidPathException e) {
      LOG.log(Level.WARNING, "janitor.log_not_deleted reason={0}", e.toString());
    }
  }

  @Override
  public void close() {
    stopped.countDown();
  }
}
