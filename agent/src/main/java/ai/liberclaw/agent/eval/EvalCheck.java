package ai.liberclaw.agent.eval;

import ai.liberclaw.agent.eval.EvalAgents.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compares what came of a case with what was expected. */
final class EvalCheck {
  private static final int SHOWN_CHARS_MAX = 300;

  private EvalCheck() {}

  /**
   * All that is wrong, one line each.
   *
   * @param unused responses of the script that were not asked for
   */
  static List<String> failures(EvalCase evalCase, Outcome outcome, int unused) {
    List<String> failures = new ArrayList<>();
    EvalCase.Expected expected = evalCase.expected();
    if (!outcome.error().isEmpty() && !expected.events().contains("error")) {
      failures.add("the turn failed: " + outcome.error());
    }
    for (String part : expected.finalContains()) {
      if (!outcome.finalText().contains(part)) {
        failures.add("the last text lacks '" + part + "': " + shown(outcome.finalText()));
      }
    }
    expected.files().forEach((path, part) -> file(outcome.workspace(), path, part, failures));
    if (!expected.historyRoles().isEmpty()
        && !expected.historyRoles().equals(outcome.historyRoles())) {
      failures.add(
          "the history's roles are "
              + outcome.historyRoles()
              + " instead of "
              + expected.historyRoles());
    }
    if (!inOrder(expected.events(), outcome.events())) {
      failures.add(
          "the events are "
              + outcome.events()
              + ", in which these do not come in this order: "
              + expected.events());
    }
    if (unused > 0) {
      failures.add(unused + " of the scripted responses were not used");
    }
    return failures;
  }

  private static void file(Path workspace, String path, String part, List<String> failures) {
    Path file = workspace.resolve(path).normalize();
    if (!file.startsWith(workspace) || !Files.isRegularFile(file)) {
      failures.add("there is no file " + path);
      return;
    }
    try {
      String text = Files.readString(file);
      if (!text.contains(part)) {
        failures.add("the file " + path + " lacks '" + part + "': " + shown(text));
      }
    } catch (IOException e) {
      failures.add("the file " + path + " cannot be read as text");
    }
  }

  private static boolean inOrder(List<String> wanted, List<String> all) {
    int next = 0;
    for (String event : all) {
      if (next < wanted.size() && wanted.get(next).equals(event)) {
        next++;
      }
    }
    return next == wanted.size();
  }

  private static String shown(String text) {
    return text.length() <= SHOWN_CHARS_MAX
        ? "\"" + text + "\""
        : "\"" + text.substring(0, SHOWN_CHARS_MAX) + "…\"";
  }
}
