package ai.liberclaw.agent.checkpoint;

import ai.liberclaw.agent.workspace.Workspace;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a workspace. They lie in the agent's own folder, where no tool can harm them:
 * each is a list of all files with the hashes of their contents, and every content is kept once.
 * Nothing is executed to make or restore one.
 */
public final class Checkpoints {
  static final Duration AGE_MAX = Duration.ofDays(30);
  static final int COUNT_MAX = 200;
  static final long STORE_BYTES_MAX = 2L << 30;
  public static final int MESSAGE_LENGTH_MAX = 200;
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);
  private static final Pattern FILES = Pattern.compile("([0-9]{15})-([0-9a-f]{64})\\.gz");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{4,64}");
  private static final Logger LOG = System.getLogger(Checkpoints.class.getName());

  private final Workspace workspace;
  private final Path folder;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ContentStore opened;

  /**
   * @param folder of their own, made when the first one is
   */
  public Checkpoints(Workspace workspace, Path folder, Clock clock) {
    this.workspace = workspace;
    this.folder = folder.toAbsolutePath().normalize();
    this.clock = clock;
  }

  /**
   * What a restore did.
   *
   * @param previous the state before it, to undo it with
   * @param problems one line for each path that is not as it was
   */
  public record Restored(
      Checkpoint to, Checkpoint previous, int written, int removed, List<String> problems) {
    public Restored {
      problems = List.copyOf(problems);
    }
  }

  private record Saved(String id, Path file) {}

  /** A checkpoint and what it holds; {@code made} is false for one that was there already. */
  private record State(Checkpoint checkpoint, Snapshot snapshot, boolean made) {}

  /**
   * Keeps the state of the workspace.
   *
   * @param message what it is for; cut to one line of {@link #MESSAGE_LENGTH_MAX} characters
   * @return empty when nothing has changed since the newest one
   * @throws CheckpointFault when the workspace is too large, or another call takes too long
   */
  public Optional<Checkpoint> create(String message)
      throws IOException, InterruptedException, CheckpointFault {
    return exclusively(() -> {
      State state = save(message);
      return state.made() ? Optional.of(state.checkpoint()) : Optional.empty();
    });
  }

  /** The newest ones, newest first. */
  public List<Checkpoint> newest(int limit) throws IOException {
    List<Checkpoint> list = new ArrayList<>();
    for (Saved saved : saved()) {
      if (list.size() == limit) {
        break;
      }
      try {
        list.add(SnapshotFile.head(saved.id(), saved.file()));
      } catch (IOException e) {
        LOG.log(Level.WARNING, "checkpoint.unreadable id={0} reason={1}", saved.id(), e.toString());
      }
    }
    return list;
  }

  /**
   * What has changed since a checkpoint, one line for each file; empty when nothing has.
   *
   * @param id or the beginning of one
   */
  public String diff(String id) throws IOException, InterruptedException, CheckpointFault {
    return exclusively(() -> {
      Saved saved = find(id);
      Snapshot before = read(saved);
      Snapshot now = Scan.of(workspace, null, before, folder, "", clock.instant());
      return DiffStat.of(workspace, store(), before, now);
    });
  }

  /**
   * Makes the workspace what it was then: files that were made since are removed, changed and
   * deleted ones come back. The state before is kept first, the restored one afterwards.
   *
   * @param id or the beginning of one
   */
  public Restored restore(String id) throws IOException, InterruptedException, CheckpointFault {
    return exclusively(() ->
        workspace.<Restored, CheckpointFault>changing(() -> {
          Saved saved = find(id);
          Snapshot target = read(saved);
          Checkpoint to = SnapshotFile.head(saved.id(), saved.file());
          State before = save("before restoring " + to.shortId());
          Restore restore = new Restore(workspace, store(), before.snapshot(), target);
          try {
            restore.run();
          } finally {
            LOG.log(
                Level.INFO,
                "checkpoint.restored id={0} written={1} removed={2} problems={3}",
                to.shortId(),
                restore.written(),
                restore.removed(),
                restore.problems().size());
          }
          State after = save("restored " + to.shortId());
          LOG.log(Level.DEBUG, "checkpoint.after id={0}", after.checkpoint().shortId());
          return new Restored(
              to, before.checkpoint(), restore.written(), restore.removed(), restore.problems());
        }));
  }

  private interface Work<T> {
    T run() throws IOException, InterruptedException, CheckpointFault;
  }

  private <T> T exclusively(Work<T> work)
      throws IOException, InterruptedException, CheckpointFault {
    if (!lock.tryLock(WAIT_MAX.toSeconds(), TimeUnit.SECONDS)) {
      throw new CheckpointFault(
          CheckpointFault.Kind.BUSY,
          "another checkpoint call has been running for "
              + WAIT_MAX.toSeconds()
              + " seconds; try again later");
    }
    try {
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  private ContentStore store() throws IOException {
    ContentStore store = opened;
    if (store == null) {
      store = new ContentStore(folder.resolve("contents"));
      opened = store;
    }
    return store;
  }

  private State save(String message) throws IOException, InterruptedException, CheckpointFault {
    ContentStore store = store();
    Optional<Saved> newest = saved().stream().findFirst();
    Optional<Snapshot> known = newest.flatMap(Checkpoints::readable);
    Snapshot now;
    try {
      now = Scan.of(workspace, store, known.orElse(null), folder, line(message), clock.instant());
    } catch (CheckpointFault | IOException e) {
      prune(true);
      throw e;
    }
    if (newest.isPresent() && known.isPresent() && known.get().same(now)) {
      Checkpoint same =
          new Checkpoint(newest.get().id(), known.get().message(), known.get().createdAt());
      return new State(same, now, false);
    }
    Path unfinished = folder.resolve("unfinished");
    String id = SnapshotFile.write(now, unfinished);
    Files.move(
        unfinished,
        folder.resolve(String.format("%015d-%s.gz", number(newest), id)),
        StandardCopyOption.ATOMIC_MOVE);
    prune(false);
    return new State(new Checkpoint(id, now.message(), now.createdAt()), now, true);
  }

  /** Grows with each, also when the clock goes back. */
  private long number(Optional<Saved> newest) {
    long now = clock.millis();
    return newest.map(n -> Math.max(now, number(n.file()) + 1)).orElse(now);
  }

  private static long number(Path file) {
    return Long.parseLong(file.getFileName().toString().substring(0, 15));
  }

  private static String line(String message) {
    String line = message.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    String text = line.isEmpty() ? "checkpoint" : line;
    int end = text.offsetByCodePoints(0, 0);
    while (end < text.length()
        && end + Character.charCount(text.codePointAt(end)) <= MESSAGE_LENGTH_MAX) {
      end += Character.charCount(text.codePointAt(end));
    }
    return text.substring(0, end);
  }

  /** Newest first. */
  private List<Saved> saved() throws IOException {
    List<Saved> all = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return all;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher name = FILES.matcher(file.getFileName().toString());
        if (name.matches()) {
          all.add(new Saved(name.group(2), file));
        }
      }
    }
    all.sort(Comparator.comparing((Saved s) -> s.file().getFileName()).reversed());
    return all;
  }

  private Saved find(String id) throws IOException, CheckpointFault {
    List<Saved> found =
        ID.matcher(id).matches()
            ? saved().stream().filter(s -> s.id().startsWith(id)).toList()
            : List.of();
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new CheckpointFault(
        CheckpointFault.Kind.UNKNOWN,
        found.isEmpty()
            ? "no checkpoint '" + id + "'; action list shows their ids"
            : "'" + id + "' is the beginning of several ids; give more of it");
  }

  private static Snapshot read(Saved saved) throws CheckpointFault {
    return readable(saved)
        .orElseThrow(() ->
            new CheckpointFault(
                CheckpointFault.Kind.DAMAGED, "checkpoint " + saved.id() + " cannot be read"));
  }

  private static Optional<Snapshot> readable(Saved saved) {
    try {
      return Optional.of(SnapshotFile.read(saved.file()));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "checkpoint.unreadable id={0} reason={1}", saved.id(), e.toString());
      return Optional.empty();
    }
  }

  /**
   * Drops what is too old or too much, never the newest.
   *
   * @param leftovers whether contents may lie about that no checkpoint needs
   */
  private void prune(boolean leftovers) throws IOException {
    Map<String, Long> bytes = new HashMap<>();
    store().each(bytes::put);
    long stored = bytes.values().stream().mapToLong(Long::longValue).sum();
    List<Saved> all = saved();
    Instant oldest = clock.instant().minus(AGE_MAX);
    boolean due =
        leftovers
            || all.size() > COUNT_MAX
            || stored > STORE_BYTES_MAX
            || (!all.isEmpty() && number(all.getLast().file()) < oldest.toEpochMilli());
    if (!due) {
      return;
    }
    Set<String> needed = new HashSet<>();
    long total = 0;
    boolean full = false;
    int kept = 0;
    for (Saved saved : all) {
      Set<String> more = new HashSet<>();
      Optional<Snapshot> snapshot = readable(saved);
      snapshot.stream()
          .flatMap(s -> s.entries().values().stream())
          .map(Snapshot.Entry::hash)
          .filter(hash -> !hash.isEmpty() && !needed.contains(hash))
          .forEach(more::add);
      long size = more.stream().mapToLong(hash -> bytes.getOrDefault(hash, 0L)).sum();
      full |= kept == COUNT_MAX || total + size > STORE_BYTES_MAX;
      boolean old = snapshot.isPresent() && snapshot.get().createdAt().isBefore(oldest);
      if (snapshot.isEmpty() || (kept > 0 && (old || full))) {
        Files.deleteIfExists(saved.file());
        continue;
      }
      needed.addAll(more);
      total += size;
      kept++;
    }
    store().keepOnly(needed);
  }
}
