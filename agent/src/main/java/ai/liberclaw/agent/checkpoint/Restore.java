package ai.liberclaw.agent.checkpoint;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Makes the workspace what it was. What cannot be brought back is said, and the rest is done. */
final class Restore {
  private static final int PROBLEMS_MAX = 50;

  private final Workspace workspace;
  private final ContentStore store;
  private final Snapshot now;
  private final Snapshot target;
  private final List<String> problems = new ArrayList<>();
  private int written;
  private int removed;

  /**
   * @param now what the workspace holds
   */
  Restore(Workspace workspace, ContentStore store, Snapshot now, Snapshot target) {
    this.workspace = workspace;
    this.store = store;
    this.now = now;
    this.target = target;
  }

  int written() {
    return written;
  }

  int removed() {
    return removed;
  }

  /** One line for each path that is not as it was. */
  List<String> problems() {
    return problems;
  }

  void run() throws InterruptedException {
    removeNew();
    for (Map.Entry<String, Snapshot.Entry> entry : target.entries().entrySet()) {
      Snapshot.Entry present = now.entries().get(entry.getKey());
      if (present == null || !present.same(entry.getValue())) {
        bringBack(entry.getKey(), entry.getValue(), present);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private void removeNew() {
    // Innermost first, so that folders are empty when their turn comes.
    TreeSet<Path> emptied = new TreeSet<>(java.util.Comparator.reverseOrder());
    for (Map.Entry<String, Snapshot.Entry> entry : now.entries().entrySet()) {
      Snapshot.Entry before = target.entries().get(entry.getKey());
      boolean isNew = before == null && entry.getValue().kind() != Snapshot.Kind.LEFT_OUT;
      // A file must not be written through a link that took its place.
      boolean inTheWay =
          before != null
              && entry.getValue().kind() == Snapshot.Kind.LINK
              && !before.same(entry.getValue());
      if (!isNew && !inTheWay) {
        continue;
      }
      Path path = workspace.root().resolve(entry.getKey());
      try {
        workspace.delete(path);
        if (isNew) {
          removed++;
          emptied.add(path.getParent());
        }
      } catch (IOException | WorkspaceRefusal e) {
        problem(entry.getKey(), "could not be removed", e);
      }
    }
    while (!emptied.isEmpty()) {
      Path folder = emptied.pollFirst();
      try {
        if (!folder.equals(workspace.root()) && workspace.deleteEmptyFolder(folder)) {
          emptied.add(folder.getParent());
        }
      } catch (IOException e) {
        problem(workspace.relative(folder), "could not be removed", e);
      }
    }
  }

  private void bringBack(
      String path,
      Snapshot.Entry before,
      Snapshot.@org.jspecify.annotations.Nullable Entry present) {
    if (before.kind() == Snapshot.Kind.LEFT_OUT) {
      if (present == null) {
        problems(path + ": was not kept (over " + Scan.FILE_BYTES_MAX + " bytes or unreadable)");
      }
      return;
    }
    if (present != null && present.kind() == Snapshot.Kind.LEFT_OUT) {
      problems(path + ": left as it is (over " + Scan.FILE_BYTES_MAX + " bytes or unreadable now)");
      return;
    }
    try {
      if (before.kind() == Snapshot.Kind.LINK) {
        ByteArrayOutputStream link = new ByteArrayOutputStream();
        store.copy(before.hash(), link);
        workspace.link(
            workspace.root().resolve(path), Path.of(link.toString(StandardCharsets.UTF_8)));
      } else {
        try (Draft file = workspace.draftFor(path)) {
          store.copy(before.hash(), file.out());
          file.setExecutable(before.kind() == Snapshot.Kind.EXECUTABLE);
          file.moveTo(path);
        }
      }
      written++;
    } catch (IOException | WorkspaceRefusal e) {
      problem(path, "could not be restored", e);
    }
  }

  private void problem(String path, String what, Exception e) {
    String reason = e instanceof WorkspaceRefusal refusal ? refusal.text() : e.getMessage();
    problems(path + ": " + what + " (" + reason + ")");
  }

  private void problems(String line) {
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(line);
    } else if (problems.size() == PROBLEMS_MAX) {
      problems.add("more paths are not as they were");
    }
  }
}
