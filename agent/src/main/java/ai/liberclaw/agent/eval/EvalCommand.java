package ai.liberclaw.agent.eval;

import ai.liberclaw.agent.eval.EvalAgents.Outcome;
import ai.liberclaw.agent.model.ScriptedModel;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code eval <file or folder>}: runs cases and says which hold. */
public final class EvalCommand {
  /** All cases hold. */
  public static final int HELD = 0;

  /** A case does not hold. */
  public static final int FAILED = 1;

  /** There is nothing to run, or it cannot be read. */
  public static final int UNUSABLE = 2;

  /** Where in a case's folder its workspace lies. */
  public static final String WORKSPACE = "workspace";

  private static final int DEPTH_MAX = 5;

  private final EvalAgents agents;
  private final PrintStream out;

  public EvalCommand(EvalAgents agents, PrintStream out) {
    this.agents = agents;
    this.out = out;
  }

  /** The exit code. */
  public int run(Path path) throws InterruptedException {
    List<Path> files;
    try {
      files = files(path);
    } catch (IOException | UncheckedIOException e) {
      files = List.of();
    }
    if (files.isEmpty()) {
      out.println("There are no cases (*.json) at " + path);
      return UNUSABLE;
    }
    int held = 0;
    int failed = 0;
    boolean unusable = false;
    for (Path file : files) {
      try {
        for (EvalCase evalCase : EvalFile.read(file)) {
          if (run(evalCase)) {
            held++;
          } else {
            failed++;
          }
        }
      } catch (EvalFault e) {
        unusable = true;
        out.println("UNUSABLE " + file + ": " + e.text());
      }
    }
    out.println(held + " held, " + failed + " failed");
    return unusable ? UNUSABLE : failed > 0 ? FAILED : HELD;
  }

  private boolean run(EvalCase evalCase) throws InterruptedException {
    long start = System.nanoTime();
    List<String> failures;
    try {
      Path folder = Files.createTempDirectory("liberclaw-eval-");
      try {
        write(evalCase, folder.resolve(WORKSPACE));
        ScriptedModel model = new ScriptedModel(evalCase.responses());
        Outcome outcome = agents.run(evalCase, folder, model);
        failures = EvalCheck.failures(evalCase, outcome, model.left());
      } finally {
        delete(folder);
      }
    } catch (EvalFault e) {
      failures = List.of(e.text());
    } catch (IOException | RuntimeException e) {
      failures = List.of("the case could not be run: " + e);
    }
    long ms = (System.nanoTime() - start) / 1_000_000;
    out.println((failures.isEmpty() ? "ok   " : "FAIL ") + evalCase.name() + " (" + ms + " ms)");
    failures.forEach(failure -> out.println("     " + failure));
    return failures.isEmpty();
  }

  private static void write(EvalCase evalCase, Path workspace) throws IOException, EvalFault {
    Files.createDirectories(workspace);
    for (Map.Entry<String, String> file : evalCase.files().entrySet()) {
      Path path = workspace.resolve(file.getKey()).normalize();
      Path folder = path.getParent();
      if (!path.startsWith(workspace) || folder == null || path.equals(workspace)) {
        throw new EvalFault("'" + file.getKey() + "' is no path in the workspace");
      }
      Files.createDirectories(folder);
      Files.writeString(path, file.getValue());
    }
  }

  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return Files.isRegularFile(path) ? List.of(path) : List.of();
    }
    try (Stream<Path> found = Files.walk(path, DEPTH_MAX)) {
      return found
          .filter(file -> file.toString().endsWith(".json") && Files.isRegularFile(file))
          .sorted()
          .toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> found = Files.walk(folder)) {
      found.sorted(Comparator.reverseOrder()).forEach(all::add);
    }
    for (Path path : all) {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(path);
      }
    }
  }
}
