package ai.liberclaw.agent.tool.file;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces texts in files a turn has seen. It works on bytes, so everything else stays as it is,
 * undecodable bytes and line ends too.
 */
public final class FileEditor {
  /** Bytes of a file that can be edited, before and after. */
  public static final int FILE_BYTES_MAX = 4 << 20;

  private final Workspace workspace;
  private final ReadHashes seen;

  public FileEditor(Workspace workspace, ReadHashes seen) {
    this.workspace = workspace;
    this.seen = seen;
  }

  /**
   * One replacement.
   *
   * @param all every occurrence; else there must be exactly one
   * @param expectedHash SHA-256 in hex that the file must have; instead of having been read
   */
  public record Edit(
      String path, String oldText, String newText, boolean all, Optional<String> expectedHash) {}

  /**
   * What became of one of several edits.
   *
   * @param text for the model
   */
  public record Outcome(String text, boolean failed) {}

  private static final class Working {
    private final String path;
    private final Path real;
    private byte[] content;
    private final String hash;

    private Working(String path, Path real, byte[] content) {
      this.path = path;
      this.real = real;
      this.content = content;
      this.hash = ReadHashes.hash(content);
    }
  }

  /**
   * Makes one edit.
   *
   * @return {@code Edited <path>}, with the number of replacements when there were several
   */
  public String edit(String turnId, Edit edit) throws IOException, InterruptedException, FileFault {
    return workspace.changing(() -> {
      Working file = open(edit.path());
      checkSeen(turnId, file, edit);
      int replacements = apply(file, edit);
      write(turnId, file);
      return done(edit, replacements);
    });
  }

  /**
   * Makes edits in order until one fails. A file is written only when all edits of it were made.
   *
   * @return one outcome for each edit
   */
  public List<Outcome> edit(String turnId, List<Edit> edits)
      throws IOException, InterruptedException {
    return workspace.<List<Outcome>, RuntimeException>changing(() -> {
      Map<Path, Working> files = new LinkedHashMap<>();
      List<Outcome> outcomes = new ArrayList<>();
      int failed = -1;
      for (int i = 0; i < edits.size() && failed < 0; i++) {
        Edit edit = edits.get(i);
        try {
          Path real = workspace.resolve(edit.path());
          Working file = files.get(real);
          if (file == null) {
            file = open(edit.path());
            files.put(real, file);
            checkSeen(turnId, file, edit);
          }
          outcomes.add(new Outcome(done(edit, apply(file, edit)), false));
        } catch (FileFault e) {
          outcomes.add(new Outcome("[error: " + e.text() + "]", true));
          failed = i;
        } catch (WorkspaceRefusal e) {
          outcomes.add(new Outcome("[error: " + e.text() + "]", true));
          failed = i;
        }
      }
      Set<Path> unwritten = new HashSet<>();
      for (int i = failed; i >= 0 && i < edits.size(); i++) {
        place(edits.get(i)).ifPresent(unwritten::add);
      }
      for (Map.Entry<Path, Working> file : files.entrySet()) {
        if (!unwritten.contains(file.getKey())) {
          write(turnId, file.getValue());
        }
      }
      return explained(edits, outcomes, unwritten);
    });
  }

  private Optional<Path> place(Edit edit) {
    try {
      return Optional.of(workspace.resolve(edit.path()));
    } catch (WorkspaceRefusal _) {
      return Optional.empty();
    }
  }

  /** Says of edits that were made in memory, but not written, that they were not. */
  private List<Outcome> explained(List<Edit> edits, List<Outcome> outcomes, Set<Path> unwritten) {
    List<Outcome> all = new ArrayList<>();
    for (int i = 0; i < edits.size(); i++) {
      if (i >= outcomes.size()) {
        all.add(new Outcome("[not tried]", true));
      } else if (!outcomes.get(i).failed()
          && place(edits.get(i)).filter(unwritten::contains).isPresent()) {
        all.add(
            new Outcome(
                "[not written: a later edit of " + edits.get(i).path() + " was not made]", true));
      } else {
        all.add(outcomes.get(i));
      }
    }
    return all;
  }

  private Working open(String path) throws IOException, FileFault {
    try (OpenFile file = workspace.open(path);
        InputStream in = file.stream()) {
      if (file.attributes().size() > FILE_BYTES_MAX) {
        throw tooLarge(path, file.attributes().size());
      }
      byte[] content = in.readNBytes(FILE_BYTES_MAX + 1);
      if (content.length > FILE_BYTES_MAX) {
        throw tooLarge(path, content.length);
      }
      if (FileKind.binary(content, Math.min(content.length, 8 * 1024))) {
        throw new FileFault(path + " is a binary file, and only text can be edited; use bash");
      }
      return new Working(path, file.path(), content);
    }
  }

  private static FileFault tooLarge(String path, long bytes) {
    return new FileFault(
        "file too large to edit: "
            + path
            + " ("
            + bytes
            + " bytes, max "
            + FILE_BYTES_MAX
            + "); use bash, for example with sed");
  }

  private void checkSeen(String turnId, Working file, Edit edit) throws FileFault {
    if (edit.expectedHash().isPresent()) {
      if (!edit.expectedHash().get().strip().equalsIgnoreCase(file.hash)) {
        throw new FileFault(
            file.path
                + " does not have the expected_hash, so it is not what you think; read it again"
                + " with read_file, then repeat the edit");
      }
      return;
    }
    Optional<String> known = seen.of(turnId, file.real);
    if (known.isEmpty()) {
      throw new FileFault(
          file.path
              + " was not read in this turn; read it with read_file first, then repeat the edit");
    }
    if (!known.get().equals(file.hash)) {
      throw new FileFault(
          file.path
              + " has changed since you read it; read it again with read_file, then repeat the"
              + " edit");
    }
  }

  /** How many places it replaced. */
  private static int apply(Working file, Edit edit) throws FileFault {
    byte[] content = file.content;
    if (edit.oldText().isEmpty()) {
      throw new FileFault("old_string must not be empty; use write_file for a new file");
    }
    if (edit.oldText().equals(edit.newText())) {
      throw new FileFault("old_string and new_string are the same");
    }
    byte[] from = edit.oldText().getBytes(StandardCharsets.UTF_8);
    byte[] to = edit.newText().getBytes(StandardCharsets.UTF_8);
    List<Integer> places = ByteText.occurrences(content, from);
    if (places.isEmpty() && edit.oldText().indexOf('\n') >= 0 && edit.oldText().indexOf('\r') < 0) {
      // Models write LF; in a file of CRLF lines they mean those.
      from = edit.oldText().replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
      to =
          edit.newText()
              .replace("\r\n", "\n")
              .replace("\n", "\r\n")
              .getBytes(StandardCharsets.UTF_8);
      places = ByteText.occurrences(content, from);
    }
    if (places.isEmpty()) {
      throw new FileFault("old_string not found in " + edit.path());
    }
    if (places.size() > 1 && !edit.all()) {
      throw new FileFault(
          "old_string occurs "
              + places.size()
              + " times in "
              + edit.path()
              + "; add surrounding lines until it occurs once, or set replace_all");
    }
    long size = content.length + (long) places.size() * (to.length - from.length);
    if (size > FILE_BYTES_MAX) {
      throw tooLarge(edit.path(), size);
    }
    file.content = ByteText.replaced(content, places, from.length, to);
    return places.size();
  }

  private static String done(Edit edit, int replacements) {
    return "Edited "
        + edit.path()
        + (replacements > 1 ? " (" + replacements + " replacements)" : "");
  }

  private void write(String turnId, Working file) throws IOException {
    try (Draft draft = workspace.draftFor(file.path)) {
      draft.out().write(file.content);
      draft.moveTo(file.path);
    }
    seen.seen(turnId, file.real, ReadHashes.hash(file.content));
  }
}
