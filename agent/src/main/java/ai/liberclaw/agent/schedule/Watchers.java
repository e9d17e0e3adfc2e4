package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks when files change. The first change starts a watcher's debounce time; its task runs
 * once that is over, for all changes up to then. What changes later starts it again. Used by one
 * thread.
 */
final class Watchers {
  static final String NAME = "watchers.json";
  static final int WATCHERS_MAX = 16;

  private static final System.Logger LOG = System.getLogger(Watchers.class.getName());

  private final Workspace workspace;
  private final ListFile<Watch> file;
  private final Runs runs;
  private final Set<String> reported = new HashSet<>();
  private @Nullable WatchStates states;

  /** Runs the tasks. */
  interface Runs {
    /**
     * Starts the task of a watcher.
     *
     * @return false when its last run has not ended
     */
    boolean run(Watch watch, Instant changed);

    /** A watcher cannot look at its path. */
    void failed(Watch watch, String why);
  }

  Watchers(Workspace workspace, Runs runs) {
    this.workspace = workspace;
    this.file = new ListFile<>(workspace, NAME, WATCHERS_MAX, Watch::of, Watch::id);
    this.runs = runs;
  }

  ListFile.Content<Watch> content() {
    return file.read();
  }

  /**
   * Looks at all paths once.
   *
   * @return what keeps a watcher from working, one line each
   */
  List<String> look(Instant now) {
    ListFile.Content<Watch> content = file.read();
    if (!content.present() && states == null) {
      return List.of();
    }
    WatchStates seen = states();
    List<String> problems = new ArrayList<>(content.problems());
    List<Watch> watching = content.entries().stream().filter(Watch::enabled).toList();
    for (Watch watch : watching) {
      try {
        look(watch, seen, now).ifPresent(problems::add);
      } catch (WorkspaceRefusal e) {
        problems.add(failed(watch, e.text()));
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "watcher.failed watcher=" + watch.id(), e);
        problems.add(failed(watch, "its path cannot be looked at"));
      }
    }
    if (content.whole()) {
      seen.keep(watching.stream().map(Watch::id).toList());
    }
    try {
      seen.store();
    } catch (IOException | WorkspaceRefusal e) {
      LOG.log(System.Logger.Level.WARNING, "watcher.state_not_stored", e);
    }
    return problems;
  }

  private Optional<String> look(Watch watch, WatchStates states, Instant now) throws IOException {
    Fingerprint current = Fingerprint.of(workspace, watch.path());
    reported.remove(watch.id());
    WatchStates.Seen last =
        states
            .get(watch.id())
            .filter(seen -> seen.path().equals(watch.path()))
            .orElse(new WatchStates.Seen(watch.path(), current.text(), Optional.empty()));
    Optional<Instant> changed = last.changed();
    if (changed.isEmpty() && !last.fingerprint().equals(current.text())) {
      changed = Optional.of(now);
    }
    if (changed.isPresent()
        && !changed.get().plus(watch.debounce()).isAfter(now)
        && runs.run(watch, changed.get())) {
      changed = Optional.empty();
    }
    states.put(watch.id(), new WatchStates.Seen(watch.path(), current.text(), changed));
    return current.whole()
        ? Optional.empty()
        : Optional.of(
            NAME
                + " ("
                + watch.id()
                + "): only the first "
                + Fingerprint.ENTRIES_MAX
                + " entries under '"
                + watch.path()
                + "' are watched");
  }

  private String failed(Watch watch, String why) {
    if (reported.add(watch.id())) {
      runs.failed(watch, why);
    }
    return NAME + " (" + watch.id() + ") does not work: " + why;
  }

  private WatchStates states() {
    WatchStates known = states;
    if (known == null) {
      known = new WatchStates(workspace);
      states = known;
    }
    return known;
  }
}
