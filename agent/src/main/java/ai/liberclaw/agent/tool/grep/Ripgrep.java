package ai.liberclaw.agent.tool.grep;

import ai.liberclaw.agent.tool.file.FileFault;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Searches with the program {@code rg}: without configuration, ignore files or links, so that it
 * finds what {@link BuiltInGrep} finds.
 */
final class Ripgrep {
  private static final int ERROR_BYTES_MAX = 4 * 1024;
  private static final int LINE_BYTES_MAX = 16 * 1024;
  private static final File NULL_DEVICE = new File("/dev/null");

  private final Path program;
  private final Child child;
  private final Workspace workspace;

  Ripgrep(Path program, Child child, Workspace workspace) {
    this.program = program;
    this.child = child;
    this.workspace = workspace;
  }

  GrepResult search(GrepQuery query) throws IOException, InterruptedException, FileFault {
    GrepResult result = new GrepResult(query);
    Process process = child.of(command(query)).redirectInput(NULL_DEVICE).start();
    FutureTask<Void> reading =
        new FutureTask<>(() -> {
          read(process.getInputStream(), query, result);
          return null;
        });
    FutureTask<String> error = new FutureTask<>(() -> error(process.getErrorStream()));
    Thread.ofVirtual().name("grep-" + process.pid()).start(reading);
    Thread.ofVirtual().name("grep-error-" + process.pid()).start(error);
    try {
      reading.get(query.timeMax().toMillis(), TimeUnit.MILLISECONDS);
      if (!result.full()) {
        refuseBadPattern(error.get(query.timeMax().toMillis(), TimeUnit.MILLISECONDS));
      }
    } catch (TimeoutException _) {
      result.timedOut();
    } catch (ExecutionException e) {
      throw new IOException("rg could not be read", e.getCause());
    } finally {
      process.destroyForcibly();
      reading.cancel(false);
    }
    return result;
  }

  private List<String> command(GrepQuery query) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--no-config",
                "--no-ignore",
                "--no-messages",
                "--no-follow",
                "--color=never",
                "--no-heading",
                "--with-filename",
                "--null",
                "--sort=path",
                "--regexp=" + query.pattern()));
    GrepQuery.SKIPPED_FOLDERS.stream().sorted().forEach(f -> command.add("--glob=!" + f + "/"));
    command.add(query.caseSensitive() ? "--case-sensitive" : "--ignore-case");
    command.add(
        switch (query.mode()) {
          case CONTENT -> "--line-number";
          case FILES -> "--files-with-matches";
          case COUNT -> "--count";
        });
    if (!query.extensions().isEmpty()) {
      query.extensions().forEach(e -> command.add("--type-add=wanted:*." + e));
      command.add("--type=wanted");
    }
    command.add("--");
    String relative = workspace.relative(query.place());
    command.add("./" + relative);
    return command;
  }

  private static String error(InputStream in) throws IOException {
    try (in) {
      byte[] start = in.readNBytes(ERROR_BYTES_MAX);
      in.transferTo(OutputStream.nullOutputStream());
      return new String(start, StandardCharsets.UTF_8);
    }
  }

  private static void refuseBadPattern(String error) throws FileFault {
    if (error.contains("regex")) {
      throw new FileFault(
          "the pattern is no regular expression of ripgrep: "
              + error.strip().replaceAll("\\s*\\n\\s*", " ")
              + ". Put a backslash before characters that stand for themselves");
    }
  }

  /** Each line is a path, a NUL, then what its mode adds; another one is a remark of rg's. */
  private void read(InputStream out, GrepQuery query, GrepResult result) throws IOException {
    try (BufferedInputStream in = new BufferedInputStream(out, 64 * 1024)) {
      byte[] line = new byte[LINE_BYTES_MAX];
      boolean more = true;
      String allowed = "";
      while (more) {
        int length = 0;
        int nul = -1;
        int c;
        boolean filesOnly = query.mode() == GrepQuery.Mode.FILES;
        while ((c = in.read()) >= 0 && c != '\n' && !(filesOnly && c == 0)) {
          if (c == 0 && nul < 0) {
            nul = length;
          }
          if (length < LINE_BYTES_MAX) {
            line[length++] = (byte) c;
          }
        }
        if (c < 0 && length == 0) {
          return;
        }
        int end = filesOnly ? length : nul;
        if (end <= 0 || end > length) {
          continue;
        }
        String path = new String(line, 0, end, StandardCharsets.UTF_8);
        path = path.startsWith("./") ? path.substring(2) : path;
        if (!path.equals(allowed) && !allowed(path)) {
          continue;
        }
        allowed = path;
        String rest =
            filesOnly ? "" : new String(line, end + 1, length - end - 1, StandardCharsets.UTF_8);
        more = add(query, result, path, rest);
      }
    }
  }

  private static boolean add(GrepQuery query, GrepResult result, String path, String rest) {
    return switch (query.mode()) {
      case CONTENT -> {
        int colon = rest.indexOf(':');
        if (colon <= 0) {
          yield true;
        }
        String text = rest.substring(colon + 1);
        yield result.match(
            path,
            Long.parseLong(rest.substring(0, colon)),
            text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
      }
      case FILES -> result.file(path, 1);
      case COUNT -> result.file(path, Long.parseLong(rest.strip()));
    };
  }

  /** What nothing gives access to is not in results either. */
  private boolean allowed(String path) {
    try {
      workspace.refuseProtected(workspace.existing(path));
      return true;
    } catch (WorkspaceRefusal _) {
      return false;
    }
  }
}
