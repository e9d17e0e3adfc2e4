package ai.liberclaw.agent.tool.file;

import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceWalk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Finds files and folders by a pattern, the newest ones. */
public final class GlobSearch implements WorkspaceWalk.Visitor {
  private static final Comparator<Found> OLDEST_FIRST =
      Comparator.comparingLong(Found::modified)
          .thenComparing(Comparator.comparing(Found::path).reversed());

  private final PathPattern pattern;
  private final int start;
  private final int limit;
  private final PriorityQueue<Found> newest = new PriorityQueue<>(OLDEST_FIRST);
  private int count;

  private record Found(String path, long modified) {}

  /**
   * What was found.
   *
   * @param paths relative to the workspace, folders with a slash, newest first
   * @param count how many there are, shown or not
   * @param complete false when there was more to look at than it does
   */
  public record Result(List<String> paths, int count, boolean complete) {}

  private GlobSearch(PathPattern pattern, int start, int limit) {
    this.pattern = pattern;
    this.start = start;
    this.limit = limit;
  }

  /**
   * Looks below a folder, whose real path this is.
   *
   * @param pattern of paths relative to it
   */
  public static Result in(Workspace workspace, Path folder, PathPattern pattern, int limit)
      throws IOException, InterruptedException {
    int depth = folder.getNameCount() - workspace.root().getNameCount();
    GlobSearch search = new GlobSearch(pattern, depth, limit);
    boolean complete = workspace.walk(folder, search);
    List<Found> found = new ArrayList<>(search.newest);
    found.sort(OLDEST_FIRST.reversed());
    return new Result(found.stream().map(Found::path).toList(), search.count, complete);
  }

  private List<String> names(String path) {
    List<String> names = List.of(path.split("/", -1));
    return names.subList(start, names.size());
  }

  private void offer(WorkspaceWalk.Entry entry, String path) {
    count++;
    newest.add(new Found(path, entry.attributes().lastModifiedTime().toMillis()));
    if (newest.size() > limit) {
      newest.poll();
    }
  }

  @Override
  public boolean folder(WorkspaceWalk.Entry folder) {
    List<String> names = names(folder.path());
    if (pattern.matches(names, true)) {
      offer(folder, folder.path() + "/");
    }
    return pattern.reachesInto(names);
  }

  @Override
  public boolean file(WorkspaceWalk.Entry file) {
    if (pattern.matches(names(file.path()), false)) {
      offer(file, file.path());
    }
    return true;
  }
}
