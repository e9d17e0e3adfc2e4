package ai.liberclaw.agent.tool.patch;

import ai.liberclaw.agent.tool.file.FileFault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a unified diff as {@code diff -u} and git write it. Text around the file sections is
 * skipped; whatever cannot be done faithfully, such as links and binary files, is refused.
 */
final class PatchReader {
  static final int PATCH_LENGTH_MAX = 1 << 20;
  static final int FILES_MAX = 100;
  private static final Pattern HUNK =
      Pattern.compile("@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \\+([0-9]{1,9})(?:,([0-9]{1,9}))? @@.*");
  private static final Pattern INDEX_MODE =
      Pattern.compile("index [0-9a-f]+\\.\\.[0-9a-f]+(?: ([0-7]{6}))?");

  private final List<String> lines;
  private final List<FilePatch> files = new ArrayList<>();
  private int at;
  private @Nullable Section section;

  /** A file section being read. */
  private static final class Section {
    private final boolean git;
    private Optional<String> gitName = Optional.empty();
    private @Nullable String before;
    private @Nullable String after;
    private @Nullable String renameFrom;
    private @Nullable String renameTo;
    private @Nullable String copyFrom;
    private @Nullable String copyTo;
    private boolean created;
    private boolean deleted;
    private Optional<Boolean> executable = Optional.empty();
    private final List<FilePatch.Hunk> hunks = new ArrayList<>();

    private Section(boolean git) {
      this.git = git;
    }
  }

  private PatchReader(List<String> lines) {
    this.lines = lines;
  }

  /**
   * Reads all file sections.
   *
   * @throws FileFault when it is no unified diff, or one that asks for what is not done
   */
  static List<FilePatch> read(String patch) throws FileFault {
    if (patch.length() > PATCH_LENGTH_MAX) {
      throw new FileFault(
          "the patch is too long ("
              + patch.length()
              + " characters, max "
              + PATCH_LENGTH_MAX
              + "); apply it in parts");
    }
    // Files hold bytes, not characters: work on those.
    String bytes = new String(patch.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    PatchReader reader = new PatchReader(List.of(bytes.split("\n", -1)));
    reader.read();
    return reader.files;
  }

  private void read() throws FileFault {
    while (at < lines.size()) {
      String line = header(at);
      if (line.startsWith("diff --git ")) {
        finish();
        Section begun = new Section(true);
        begun.gitName = PatchNames.ofGitLine(line.substring("diff --git ".length()));
        section = begun;
        at++;
      } else if (line.startsWith("--- ")
          && at + 1 < lines.size()
          && header(at + 1).startsWith("+++ ")) {
        names(line.substring(4), header(at + 1).substring(4));
        at += 2;
      } else if (line.startsWith("@@")) {
        hunk();
      } else if (line.startsWith("*** Begin Patch") || line.startsWith("*** Update File")) {
        throw new FileFault(
            "this is not a unified diff; begin each file with the lines '--- a/<path>' and"
                + " '+++ b/<path>', then hunks that begin with '@@ -<line>,<count> +<line>,<count>"
                + " @@'");
      } else {
        extended(line);
        at++;
      }
    }
    finish();
    if (files.isEmpty()) {
      throw new FileFault(
          "the patch changes nothing: it has no line '--- a/<path>' followed by '+++ b/<path>'");
    }
  }

  private String header(int index) {
    String line = lines.get(index);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  private void names(String before, String after) throws FileFault {
    Section current = section;
    if (current == null || current.before != null || !current.git) {
      finish();
      current = new Section(false);
      section = current;
    }
    current.before = PatchNames.ofHeader(before);
    current.after = PatchNames.ofHeader(after);
  }

  private void extended(String line) throws FileFault {
    Section current = section;
    if (current == null || !current.git || !current.hunks.isEmpty()) {
      return;
    }
    if (line.startsWith("rename from ")) {
      current.renameFrom = PatchNames.ofWord(line.substring("rename from ".length()));
    } else if (line.startsWith("rename to ")) {
      current.renameTo = PatchNames.ofWord(line.substring("rename to ".length()));
    } else if (line.startsWith("copy from ")) {
      current.copyFrom = PatchNames.ofWord(line.substring("copy from ".length()));
    } else if (line.startsWith("copy to ")) {
      current.copyTo = PatchNames.ofWord(line.substring("copy to ".length()));
    } else if (line.startsWith("new file mode ")) {
      current.created = true;
      current.executable = mode(line);
    } else if (line.startsWith("deleted file mode ")) {
      current.deleted = true;
      Optional<Boolean> ignored = mode(line);
    } else if (line.startsWith("old mode ")) {
      Optional<Boolean> ignored = mode(line);
    } else if (line.startsWith("new mode ")) {
      current.executable = mode(line);
    } else if (line.startsWith("GIT binary patch") || line.startsWith("Binary files ")) {
      throw new FileFault("the patch changes a binary file, which is not possible; use bash");
    } else {
      Matcher index = INDEX_MODE.matcher(line);
      if (index.matches() && index.group(1) != null) {
        Optional<Boolean> ignored = mode(index.group(1));
      }
    }
  }

  /** Whether a file of this mode is executable. */
  private static Optional<Boolean> mode(String line) throws FileFault {
    return switch (line.substring(line.lastIndexOf(' ') + 1)) {
      case "100644", "100664" -> Optional.of(false);
      case "100755", "100775" -> Optional.of(true);
      case "120000" ->
          throw new FileFault("the patch makes or changes a symbolic link, which is refused");
      case "160000" -> throw new FileFault("the patch changes a submodule, which is refused");
      default -> throw new FileFault("the patch sets a file mode that is refused: " + line);
    };
  }

  private void hunk() throws FileFault {
    Section current = section;
    String header = header(at);
    if (current == null || current.before == null) {
      throw new FileFault(
          "hunk '"
              + shown(header)
              + "' belongs to no file: put '--- a/<path>' and '+++ b/<path>' before it");
    }
    Matcher match = HUNK.matcher(header);
    if (!match.matches()) {
      throw new FileFault(
          "'" + shown(header) + "' is no hunk header; it must look like '@@ -12,5 +12,6 @@'");
    }
    int oldLeft = count(match.group(2));
    int newLeft = count(match.group(4));
    int start = ++at;
    List<FilePatch.Line> body = new ArrayList<>();
    while (oldLeft > 0 || newLeft > 0) {
      if (at >= lines.size()) {
        throw miscounted(header, start);
      }
      String line = lines.get(at);
      // Some editors and models drop the blank of an empty line.
      char kind = line.isEmpty() || line.equals("\r") ? ' ' : line.charAt(0);
      String text = line.isEmpty() ? "" : line.equals("\r") ? line : line.substring(1);
      if (kind == '\\') {
        withoutNewline(body);
        at++;
        continue;
      }
      oldLeft -= kind == '+' ? 0 : 1;
      newLeft -= kind == '-' ? 0 : 1;
      if (" +-".indexOf(kind) < 0 || oldLeft < 0 || newLeft < 0) {
        throw miscounted(header, start);
      }
      body.add(new FilePatch.Line(kind, text, true));
      at++;
    }
    if (at < lines.size() && lines.get(at).startsWith("\\")) {
      withoutNewline(body);
      at++;
    }
    if (at < lines.size() && continues(at)) {
      throw miscounted(header, start);
    }
    current.hunks.add(new FilePatch.Hunk(header, Integer.parseInt(match.group(1)), body));
  }

  private static void withoutNewline(List<FilePatch.Line> body) {
    if (!body.isEmpty()) {
      FilePatch.Line last = body.removeLast();
      body.add(new FilePatch.Line(last.kind(), last.text(), false));
    }
  }

  private static int count(@Nullable String digits) {
    return digits == null ? 1 : Integer.parseInt(digits);
  }

  /** Whether this line can only be one more of the hunk before it. */
  private boolean continues(int index) {
    String line = lines.get(index);
    if (line.isEmpty() || begins(index) || line.equals("-- ")) {
      return false;
    }
    return " +-".indexOf(line.charAt(0)) >= 0;
  }

  private boolean begins(int index) {
    String line = header(index);
    return line.startsWith("@@")
        || line.startsWith("diff ")
        || (line.startsWith("--- ")
            && index + 1 < lines.size()
            && header(index + 1).startsWith("+++ "));
  }

  private FileFault miscounted(String header, int start) {
    int oldLines = 0;
    int newLines = 0;
    int end = lines.getLast().isEmpty() ? lines.size() - 1 : lines.size();
    for (int i = start; i < end && !begins(i); i++) {
      char kind = lines.get(i).isEmpty() ? ' ' : lines.get(i).charAt(0);
      if (kind == '\\') {
        continue;
      }
      if (" +-".indexOf(kind) < 0) {
        break;
      }
      oldLines += kind == '+' ? 0 : 1;
      newLines += kind == '-' ? 0 : 1;
    }
    return new FileFault(
        "the counts of hunk '"
            + shown(header)
            + "' are wrong: it holds "
            + oldLines
            + " old and "
            + newLines
            + " new lines (context lines count as both); correct the header, or add the missing"
            + " lines");
  }

  static String shown(String line) {
    String text = new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  private void finish() throws FileFault {
    Section done = section;
    section = null;
    if (done == null) {
      return;
    }
    if (files.size() == FILES_MAX) {
      throw new FileFault(
          "the patch has too many files (max " + FILES_MAX + "); apply it in parts");
    }
    files.add(file(done));
  }

  private static FilePatch file(Section s) throws FileFault {
    String before = name(s, s.before);
    String after = name(s, s.after);
    if (s.renameFrom != null || s.renameTo != null || s.copyFrom != null || s.copyTo != null) {
      return moved(s, before, after);
    }
    boolean created = s.created || PatchNames.NONE.equals(before);
    boolean deleted = s.deleted || PatchNames.NONE.equals(after);
    String unnamed = "a file section of the patch names no file";
    if (created && deleted) {
      throw new FileFault("a file section of the patch both creates and deletes its file");
    }
    String gitName = s.gitName.orElse(null);
    if (created) {
      String to = after == null || PatchNames.NONE.equals(after) ? gitName : after;
      if (to == null || (before != null && !PatchNames.NONE.equals(before))) {
        throw new FileFault(to == null ? unnamed : "a new file needs the header '--- /dev/null'");
      }
      return of(FilePatch.Kind.CREATE, null, to, s);
    }
    if (deleted) {
      String from = before == null ? gitName : before;
      if (from == null || (after != null && !PatchNames.NONE.equals(after))) {
        throw new FileFault(
            from == null ? unnamed : "a deleted file needs the header '+++ /dev/null'");
      }
      return of(FilePatch.Kind.DELETE, from, null, s);
    }
    String from = before == null ? gitName : before;
    String to = after == null ? gitName : after;
    if (from == null || to == null) {
      throw new FileFault(unnamed);
    }
    if (!from.equals(to)) {
      throw new FileFault(
          "'"
              + from
              + "' and '"
              + to
              + "' differ; to rename a file, begin with 'diff --git a/<old> b/<new>', 'rename from"
              + " <old>', 'rename to <new>'");
    }
    return of(FilePatch.Kind.CHANGE, from, to, s);
  }

  private static @Nullable String name(Section s, @Nullable String given) {
    if (given == null || given.equals(PatchNames.NONE)) {
      return given;
    }
    boolean prefixed = s.git || (prefixed(s.before, "a/") && prefixed(s.after, "b/"));
    return prefixed ? PatchNames.stripped(given) : given;
  }

  private static boolean prefixed(@Nullable String name, String prefix) {
    return name != null && (name.startsWith(prefix) || name.equals(PatchNames.NONE));
  }

  private static FilePatch moved(Section s, @Nullable String before, @Nullable String after)
      throws FileFault {
    boolean copy = s.copyFrom != null || s.copyTo != null;
    String from = copy ? s.copyFrom : s.renameFrom;
    String to = copy ? s.copyTo : s.renameTo;
    boolean mixed = copy && (s.renameFrom != null || s.renameTo != null);
    if (from == null
        || to == null
        || mixed
        || s.created
        || s.deleted
        || (before != null && !before.equals(from))
        || (after != null && !after.equals(to))
        || from.equals(to)) {
      throw new FileFault(
          "the headers of a renamed or copied file contradict each other: 'rename from' and 'rename"
              + " to' must name what '---' and '+++' name");
    }
    return of(copy ? FilePatch.Kind.COPY : FilePatch.Kind.RENAME, from, to, s);
  }

  private static FilePatch of(
      FilePatch.Kind kind, @Nullable String from, @Nullable String to, Section s) {
    return new FilePatch(
        kind, Optional.ofNullable(from), Optional.ofNullable(to), s.executable, s.hunks);
  }
}
