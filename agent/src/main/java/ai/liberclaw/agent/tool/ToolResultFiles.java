package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The folder {@code tool-results/} of the workspace: long results whole, the newest ones. */
final class ToolResultFiles {
  static final String FOLDER = "tool-results";

  private final Workspace workspace;
  private final CappedFolder cap;

  ToolResultFiles(Workspace workspace) {
    this.workspace = workspace;
    this.cap = new CappedFolder(workspace, FOLDER, "*-????????????.txt");
  }

  /** One result being saved; it appears under its name when kept. */
  static final class Saving implements AutoCloseable {
    private final String name;
    private final Draft file;
    private final Writer writer;

    private Saving(String name, Draft file) {
      this.name = name;
      this.file = file;
      this.writer =
          new BufferedWriter(new OutputStreamWriter(file.out(), StandardCharsets.UTF_8), 64 << 10);
    }

    /** Relative to the workspace. */
    String name() {
      return name;
    }

    Writer writer() {
      return writer;
    }

    void keep() throws IOException {
      writer.flush();
      file.moveTo(name);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /**
   * @throws WorkspaceRefusal when somebody made the folder a way out of the workspace
   */
  Saving create(String tool) throws IOException {
    String name =
        FOLDER
            + "/"
            + tool
            + "-"
            + UUID.randomUUID().toString().replace("-", "").substring(0, 12)
            + ".txt";
    return new Saving(name, workspace.draftFor(name));
  }

  /** Deletes the oldest until the folder is within its limits. */
  void prune() {
    cap.prune();
  }
}
