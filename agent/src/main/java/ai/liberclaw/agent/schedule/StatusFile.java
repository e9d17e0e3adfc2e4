package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Tells whoever edits the lists what has become of their entries: a file beside them, which the
 * agent reads after it has written one. Written when the lists or their problems have changed.
 */
final class StatusFile {
  static final String NAME = ".cron_status.json";
  private static final int BYTES_MAX = 1024 * 1024;

  private final Workspace workspace;
  private List<String> problems;
  private Object described = List.of();

  StatusFile(Workspace workspace) {
    this.workspace = workspace;
    this.problems = stored();
  }

  /**
   * @return true when there are problems, and not just those of the last time
   */
  boolean write(ScheduleView view, Instant now) throws IOException {
    List<Job> jobs = view.jobs().stream().map(ScheduleView.Planned::job).toList();
    Object about = List.of(view.present(), jobs, view.watchers(), view.problems());
    boolean nothing = !view.present() && view.watchers().isEmpty() && view.problems().isEmpty();
    if (about.equals(described) || (nothing && described.equals(List.of()))) {
      return false;
    }
    ObjectNode status = Json.object();
    status.put(
        "about", "What the scheduler made of cron.json and watchers.json; it writes this file.");
    status.put("checked_at", now.truncatedTo(ChronoUnit.SECONDS).toString());
    status.setAll(view.json());
    replace(workspace, NAME, Json.writePretty(status) + "\n");
    described = about;
    boolean news = !view.problems().isEmpty() && !view.problems().equals(problems);
    problems = view.problems();
    return news;
  }

  /** Puts a file in its place in one move. */
  static void replace(Workspace workspace, String name, String text) throws IOException {
    try (Draft draft = workspace.draftFor(name)) {
      draft.out().write(text.getBytes(StandardCharsets.UTF_8));
      draft.moveTo(name);
    }
  }

  /** Those told of by a former process. */
  private List<String> stored() {
    try (OpenFile file = workspace.open(NAME)) {
      return Json.parse(file.stream().readNBytes(BYTES_MAX))
          .path("problems")
          .valueStream()
          .map(JsonNode::asText)
          .toList();
    } catch (IOException | WorkspaceRefusal | JsonException _) {
      return List.of();
    }
  }
}
