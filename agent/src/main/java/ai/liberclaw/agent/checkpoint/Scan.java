package ai.liberclaw.agent.checkpoint;

import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.agent.workspace.WorkspaceWalk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds out what the workspace holds now. Files that an earlier snapshot knows are not read. */
final class Scan implements WorkspaceWalk.Visitor {
  /** Files in one checkpoint. */
  static final int FILES_MAX = 20_000;

  /** Bytes of a file; larger ones are neither kept nor touched. */
  static final long FILE_BYTES_MAX = 20L << 20;

  /** Bytes of all files of one checkpoint. */
  static final long BYTES_MAX = 1L << 30;

  /** What programs make again, what is a history itself, and what tools save by themselves. */
  static final Set<String> SKIPPED_FOLDERS =
      Set.of(
          ".git", ".baal-history", "node_modules", "__pycache__", ".venv", "venv", "tool-results");

  /** A file changed this shortly before it was looked at may change again within its time stamp. */
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final char UNDECODABLE = '\uFFFD';

  private final Workspace workspace;
  private final @Nullable ContentStore store;
  private final @Nullable Snapshot known;
  private final Path ownFolder;
  private final TreeMap<String, Snapshot.Entry> entries = new TreeMap<>();
  private long bytes;
  private boolean tooMany;

  private Scan(
      Workspace workspace, @Nullable ContentStore store, @Nullable Snapshot known, Path ownFolder) {
    this.workspace = workspace;
    this.store = store;
    this.known = known;
    this.ownFolder = ownFolder;
  }

  /**
   * Looks at every file.
   *
   * @param store where contents are kept; null only to compare them
   * @param known an earlier snapshot
   * @param ownFolder where checkpoints lie, in case that is inside
   */
  static Snapshot of(
      Workspace workspace,
      @Nullable ContentStore store,
      @Nullable Snapshot known,
      Path ownFolder,
      String message,
      Instant now)
      throws IOException, InterruptedException, CheckpointFault {
    Scan scan = new Scan(workspace, store, known, ownFolder);
    boolean complete = workspace.walk(workspace.root(), scan);
    if (scan.tooMany || !complete) {
      throw new CheckpointFault(
          CheckpointFault.Kind.TOO_LARGE,
          scan.bytes > BYTES_MAX
              ? "the workspace is too large for a checkpoint (max "
                  + BYTES_MAX
                  + " bytes without files over "
                  + FILE_BYTES_MAX
                  + " bytes); move large folders elsewhere"
              : "the workspace has too many files for a checkpoint (max "
                  + FILES_MAX
                  + ", in folders up to "
                  + WorkspaceWalk.DEPTH_MAX
                  + " deep); delete what is not needed");
    }
    return new Snapshot(message, now, scan.entries);
  }

  @Override
  public boolean folder(WorkspaceWalk.Entry folder) {
    return !SKIPPED_FOLDERS.contains(folder.name())
        && folder.name().indexOf(UNDECODABLE) < 0
        && !workspace.root().resolve(folder.path()).equals(ownFolder);
  }

  @Override
  public boolean file(WorkspaceWalk.Entry file) throws IOException {
    PosixFileAttributes attributes = file.attributes();
    // A repository inside another one has a file of this name; a name that cannot be written again
    // cannot be restored; of pipes and sockets there is nothing to keep.
    if (file.name().equals(".git")
        || file.name().indexOf(UNDECODABLE) >= 0
        || attributes.isOther()) {
      return true;
    }
    Snapshot.Entry entry = entry(file.path(), attributes);
    entries.put(file.path(), entry);
    bytes += entry.kind() == Snapshot.Kind.LEFT_OUT ? 0 : entry.bytes();
    tooMany = entries.size() > FILES_MAX || bytes > BYTES_MAX;
    return !tooMany;
  }

  private Snapshot.Entry entry(String path, PosixFileAttributes attributes) {
    long modified = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
    String key = String.valueOf(attributes.fileKey());
    try {
      if (attributes.isSymbolicLink()) {
        byte[] target =
            Files.readSymbolicLink(workspace.root().resolve(path))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        return new Snapshot.Entry(
            Snapshot.Kind.LINK,
            keep(new ByteArrayInputStream(target)),
            target.length,
            modified,
            key);
      }
      if (attributes.size() <= FILE_BYTES_MAX) {
        Snapshot.Kind kind =
            attributes.permissions().contains(PosixFilePermission.OWNER_EXECUTE)
                ? Snapshot.Kind.EXECUTABLE
                : Snapshot.Kind.FILE;
        Optional<String> before = unchanged(path, attributes.size(), modified, key);
        return new Snapshot.Entry(
            kind,
            before.isPresent() ? before.get() : content(path),
            attributes.size(),
            modified,
            key);
      }
    } catch (IOException | WorkspaceRefusal _) {
      // Not to be read, or gone meanwhile.
    }
    return new Snapshot.Entry(Snapshot.Kind.LEFT_OUT, "", attributes.size(), modified, key);
  }

  private Optional<String> unchanged(String path, long size, long modified, String key) {
    Snapshot.Entry before = known == null ? null : known.entries().get(path);
    if (known == null || before == null || before.hash().isEmpty()) {
      return Optional.empty();
    }
    long taken = TimeUnit.MILLISECONDS.toNanos(known.createdAt().toEpochMilli());
    boolean same =
        before.bytes() == size
            && before.modified() == modified
            && before.key().equals(key)
            && before.kind() != Snapshot.Kind.LINK
            && modified < taken - SETTLED_NANOS;
    return same ? Optional.of(before.hash()) : Optional.empty();
  }

  private String content(String path) throws IOException {
    try (OpenFile file = workspace.open(path);
        InputStream in = new Bounded(file.stream())) {
      return keep(in);
    }
  }

  private String keep(InputStream content) throws IOException {
    return store == null ? ContentStore.hash(content) : store.put(content);
  }

  /** A file may grow while it is read. */
  private static final class Bounded extends java.io.FilterInputStream {
    private long left = FILE_BYTES_MAX;

    private Bounded(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      left -= Math.max(0, count);
      if (left < 0) {
        throw new IOException("larger than " + FILE_BYTES_MAX + " bytes");
      }
      return count;
    }
  }
}
