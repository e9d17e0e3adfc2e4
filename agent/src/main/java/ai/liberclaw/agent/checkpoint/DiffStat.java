package ai.liberclaw.agent.checkpoint;

import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What has changed since a snapshot, one line for each file, and a sum. */
final class DiffStat {
  private static final int FILES_SHOWN_MAX = 300;

  /** Larger files are compared by their sizes alone. */
  private static final long COUNTED_BYTES_MAX = 1L << 20;

  private final Workspace workspace;
  private final ContentStore store;
  private final List<String> lines = new ArrayList<>();
  private int files;
  private int added;
  private int removed;

  private DiffStat(Workspace workspace, ContentStore store) {
    this.workspace = workspace;
    this.store = store;
  }

  /** Empty when nothing has. */
  static String of(Workspace workspace, ContentStore store, Snapshot before, Snapshot now)
      throws InterruptedException {
    DiffStat stat = new DiffStat(workspace, store);
    TreeSet<String> paths = new TreeSet<>(before.entries().keySet());
    paths.addAll(now.entries().keySet());
    for (String path : paths) {
      Snapshot.Entry old = before.entries().get(path);
      Snapshot.Entry present = now.entries().get(path);
      if (old == null || present == null || !old.same(present)) {
        stat.count(path, old, present);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return stat.text();
  }

  private String text() {
    if (files == 0) {
      return "";
    }
    if (files > FILES_SHOWN_MAX) {
      lines.add("[" + (files - FILES_SHOWN_MAX) + " more files]");
    }
    lines.add(
        files
            + (files == 1 ? " file" : " files")
            + " changed, "
            + added
            + " lines added, "
            + removed
            + " removed"
            + (files > FILES_SHOWN_MAX ? " in those shown" : ""));
    return String.join("\n", lines);
  }

  private void count(String path, Snapshot.@Nullable Entry old, Snapshot.@Nullable Entry present) {
    if (++files > FILES_SHOWN_MAX) {
      return;
    }
    String what = old == null ? " (new)" : present == null ? " (deleted)" : "";
    LineChanges changes;
    try {
      String before = old == null ? "" : text(old, kept(old));
      String after = present == null ? "" : text(present, current(path, present));
      changes = LineChanges.between(before, after);
    } catch (IOException | WorkspaceRefusal | Uncounted _) {
      lines.add(path + " | " + size(old) + " -> " + size(present) + what);
      return;
    }
    added += changes.added();
    removed += changes.removed();
    boolean mode = changes.added() + changes.removed() == 0 && what.isEmpty();
    lines.add(
        path
            + " | +"
            + changes.added()
            + " -"
            + changes.removed()
            + (mode ? " (kind or mode changed)" : what));
  }

  private static String size(Snapshot.@Nullable Entry entry) {
    return (entry == null ? 0 : entry.bytes()) + " bytes";
  }

  private byte[] kept(Snapshot.Entry entry) throws IOException, Uncounted {
    countable(entry);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    store.copy(entry.hash(), out);
    return out.toByteArray();
  }

  private byte[] current(String path, Snapshot.Entry entry) throws IOException, Uncounted {
    countable(entry);
    if (entry.kind() == Snapshot.Kind.LINK) {
      return new byte[0];
    }
    try (OpenFile file = workspace.open(path);
        InputStream in = file.stream()) {
      return in.readNBytes((int) COUNTED_BYTES_MAX);
    }
  }

  private static void countable(Snapshot.Entry entry) throws Uncounted {
    if (entry.kind() == Snapshot.Kind.LEFT_OUT || entry.bytes() > COUNTED_BYTES_MAX) {
      throw new Uncounted();
    }
  }

  private static String text(Snapshot.Entry entry, byte[] content) throws Uncounted {
    if (entry.kind() == Snapshot.Kind.LINK) {
      return "";
    }
    String text = new String(content, StandardCharsets.ISO_8859_1);
    if (text.indexOf('\0') >= 0) {
      throw new Uncounted();
    }
    return text;
  }

  private static final class Uncounted extends Exception {
    private Uncounted() {
      super(null, null, false, false);
    }
  }
}
