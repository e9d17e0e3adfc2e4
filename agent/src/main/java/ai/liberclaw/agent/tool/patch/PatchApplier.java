package ai.liberclaw.agent.tool.patch;

import ai.liberclaw.agent.tool.file.FileEditor;
import ai.liberclaw.agent.tool.file.FileFault;
import ai.liberclaw.agent.tool.file.ReadHashes;
import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Applies a patch to the workspace, all of it or nothing: every file is checked and its new content
 * written beside it before the first one changes.
 */
public final class PatchApplier {
  private final Workspace workspace;
  private final ReadHashes seen;

  public PatchApplier(Workspace workspace, ReadHashes seen) {
    this.workspace = workspace;
    this.seen = seen;
  }

  /** One file, ready to change. */
  private static final class Planned {
    private final FilePatch patch;
    private Optional<Draft> draft = Optional.empty();
    private String hash = "";

    private Planned(FilePatch patch) {
      this.patch = patch;
    }
  }

  /**
   * Applies it.
   *
   * @return the files it changed, as {@code <letter> <path>}
   * @throws FileFault nothing was changed, unless it says so
   */
  public List<String> apply(String turnId, String patch)
      throws IOException, InterruptedException, FileFault {
    List<FilePatch> files = PatchReader.read(patch);
    return workspace.changing(() -> {
      List<Planned> plan = new ArrayList<>();
      try {
        checkDistinct(files);
        for (FilePatch file : files) {
          Planned planned = new Planned(file);
          plan.add(planned);
          prepare(planned);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
        return commit(turnId, plan);
      } finally {
        for (Planned planned : plan) {
          if (planned.draft.isPresent()) {
            planned.draft.get().close();
          }
        }
      }
    });
  }

  private void checkDistinct(List<FilePatch> files) throws FileFault {
    Set<Path> touched = new HashSet<>();
    for (FilePatch file : files) {
      List<String> names = new ArrayList<>();
      file.to().ifPresent(names::add);
      if (file.kind() == FilePatch.Kind.DELETE || file.kind() == FilePatch.Kind.RENAME) {
        file.from().ifPresent(names::add);
      }
      for (String name : names) {
        if (!touched.add(place(name))) {
          throw new FileFault(
              "the patch has two sections that change " + name + "; put all its hunks into one");
        }
      }
    }
  }

  /** Where a name of the patch lies; no link may lead there. */
  private Path place(String name) throws FileFault {
    Path real = workspace.resolve(name);
    if (name.isEmpty() || !real.equals(workspace.root().resolve(name).normalize())) {
      throw new FileFault(
          name + " is reached through a symbolic link; patch the file it stands for");
    }
    return real;
  }

  private void prepare(Planned planned) throws IOException, FileFault {
    FilePatch patch = planned.patch;
    boolean runs = false;
    String content = "";
    if (patch.from().isPresent()) {
      Path from = place(patch.from().get());
      content = read(patch.from().get());
      runs = Files.isExecutable(from);
    }
    if (patch.kind() == FilePatch.Kind.CREATE && !patch.hunks().isEmpty()) {
      for (FilePatch.Hunk hunk : patch.hunks()) {
        if (!hunk.old().isEmpty()) {
          throw new FileFault(
              "the patch makes the new file " + patch.name() + " but has old lines for it");
        }
      }
    }
    String result = PatchedText.of(patch.name(), content, patch.hunks());
    if (patch.kind() == FilePatch.Kind.DELETE) {
      if (!result.isEmpty()) {
        throw new FileFault(
            "the patch deletes "
                + patch.name()
                + " without removing all its lines; read it again, or delete it with bash");
      }
      return;
    }
    String to = patch.to().orElseThrow();
    Path target = place(to);
    boolean moves = patch.kind() != FilePatch.Kind.CHANGE;
    if (moves && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileFault(
          to + " exists already; patch it as it is, or delete it in a patch of its own first");
    }
    byte[] bytes = PatchedText.bytes(result);
    if (bytes.length > FileEditor.FILE_BYTES_MAX) {
      throw tooLarge(to, bytes.length);
    }
    Draft draft = workspace.draftFor(to);
    planned.draft = Optional.of(draft);
    draft.out().write(bytes);
    planned.hash = ReadHashes.hash(bytes);
    if (patch.executable().isPresent() || (moves && patch.from().isPresent())) {
      draft.setExecutable(patch.executable().orElse(runs));
    }
  }

  private String read(String path) throws IOException, FileFault {
    try (OpenFile file = workspace.open(path);
        InputStream in = file.stream()) {
      byte[] bytes = in.readNBytes(FileEditor.FILE_BYTES_MAX + 1);
      if (bytes.length > FileEditor.FILE_BYTES_MAX) {
        throw tooLarge(path, file.attributes().size());
      }
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private static FileFault tooLarge(String path, long bytes) {
    return new FileFault(
        path
            + " is too large to patch ("
            + bytes
            + " bytes, max "
            + FileEditor.FILE_BYTES_MAX
            + "); use bash");
  }

  private List<String> commit(String turnId, List<Planned> plan) throws FileFault {
    List<String> done = new ArrayList<>();
    for (Planned planned : plan) {
      FilePatch patch = planned.patch;
      try {
        if (planned.draft.isPresent()) {
          Path file = planned.draft.get().moveTo(patch.to().orElseThrow());
          seen.seen(turnId, file, planned.hash);
        }
        boolean gone =
            patch.kind() == FilePatch.Kind.DELETE || patch.kind() == FilePatch.Kind.RENAME;
        if (gone) {
          workspace.delete(place(patch.from().orElseThrow()));
        }
      } catch (IOException | WorkspaceRefusal e) {
        String reason = e instanceof WorkspaceRefusal refusal ? refusal.text() : e.getMessage();
        throw new FileFault(
            "changing "
                + patch.name()
                + " failed: "
                + reason
                + (done.isEmpty() ? "" : ". Already changed: " + String.join(", ", done)));
      }
      done.add(patch.kind().name().charAt(0) + " " + patch.name());
    }
    return done;
  }
}
