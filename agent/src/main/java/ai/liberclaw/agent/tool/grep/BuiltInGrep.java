package ai.liberclaw.agent.tool.grep;

import ai.liberclaw.agent.tool.file.FileFault;
import ai.liberclaw.agent.tool.file.FileKind;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.agent.workspace.WorkspaceWalk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Searches files by itself, where there is no ripgrep. */
final class BuiltInGrep implements WorkspaceWalk.Visitor {
  /** Characters of a line that are searched. */
  private static final int LINE_LENGTH_MAX = 64 * 1024;

  private static final int LINES_BETWEEN_CHECKS = 1_024;
  private static final int ENTRIES_BETWEEN_CHECKS = 64;

  private final Workspace workspace;
  private final GrepQuery query;
  private final Pattern pattern;
  private final GrepResult result;
  private final long deadline;
  private int entries;

  private BuiltInGrep(Workspace workspace, GrepQuery query, Pattern pattern, GrepResult result) {
    this.workspace = workspace;
    this.query = query;
    this.pattern = pattern;
    this.result = result;
    this.deadline = System.nanoTime() + query.timeMax().toNanos();
  }

  static GrepResult search(Workspace workspace, GrepQuery query)
      throws IOException, InterruptedException, FileFault {
    GrepResult result = new GrepResult(query);
    BuiltInGrep grep = new BuiltInGrep(workspace, query, compiled(query), result);
    try {
      if (Files.isDirectory(query.place())) {
        workspace.walk(query.place(), grep);
      } else {
        grep.search(workspace.relative(query.place()));
      }
    } catch (PatientText.Impatient _) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      result.timedOut();
    } catch (StackOverflowError _) {
      throw new FileFault(
          "the pattern needs too much memory on these files; write it without nested repetitions");
    }
    return result;
  }

  private static Pattern compiled(GrepQuery query) throws FileFault {
    try {
      return Pattern.compile(
          query.pattern(),
          query.caseSensitive() ? 0 : Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    } catch (PatternSyntaxException e) {
      throw new FileFault(
          "the pattern is no regular expression: "
              + e.getDescription()
              + " near position "
              + Math.max(0, e.getIndex())
              + "; put a backslash before characters that stand for themselves");
    } catch (StackOverflowError _) {
      throw new FileFault("the pattern is nested too deeply");
    }
  }

  @Override
  public boolean folder(WorkspaceWalk.Entry folder) {
    visited();
    return !folder.name().startsWith(".") && !GrepQuery.SKIPPED_FOLDERS.contains(folder.name());
  }

  @Override
  public boolean file(WorkspaceWalk.Entry file) throws IOException {
    visited();
    if (!file.attributes().isRegularFile() || file.name().startsWith(".") || !wanted(file.name())) {
      return true;
    }
    try {
      return search(file.path());
    } catch (WorkspaceRefusal _) {
      // Gone, or not to be read.
      return true;
    }
  }

  private void visited() {
    if (++entries % ENTRIES_BETWEEN_CHECKS == 0) {
      PatientText.check(deadline);
    }
  }

  private boolean wanted(String name) {
    return query.extensions().isEmpty()
        || query.extensions().stream().anyMatch(e -> name.endsWith("." + e));
  }

  /** Searches one file; false when the result is full. */
  private boolean search(String path) throws IOException {
    try (OpenFile file = workspace.open(path)) {
      if (file.attributes().size() == 0 || FileKind.of(file) != FileKind.TEXT) {
        return true;
      }
      long number = 0;
      long count = 0;
      Reader in =
          new BufferedReader(
              new InputStreamReader(file.stream(), StandardCharsets.UTF_8), 64 * 1024);
      StringBuilder line = new StringBuilder();
      while (next(in, line)) {
        number++;
        if (number % LINES_BETWEEN_CHECKS == 0) {
          PatientText.check(deadline);
        }
        Matcher matcher = pattern.matcher(new PatientText(line, deadline));
        if (!matcher.find()) {
          continue;
        }
        count++;
        switch (query.mode()) {
          case CONTENT -> {
            if (!result.match(path, number, line.toString())) {
              return false;
            }
          }
          case FILES -> {
            return result.file(path, 1);
          }
          case COUNT -> {}
        }
      }
      return query.mode() != GrepQuery.Mode.COUNT || count == 0 || result.file(path, count);
    }
  }

  /** Reads a line without its end; what is longer than is searched is skipped. */
  private boolean next(Reader in, StringBuilder line) throws IOException {
    line.setLength(0);
    int c;
    boolean any = false;
    int unchecked = 0;
    while ((c = in.read()) >= 0 && c != '\n') {
      any = true;
      if (line.length() < LINE_LENGTH_MAX) {
        line.append((char) c);
      } else if (++unchecked == LINE_LENGTH_MAX) {
        unchecked = 0;
        PatientText.check(deadline);
      }
    }
    if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
      line.setLength(line.length() - 1);
    }
    return any || c == '\n';
  }
}
