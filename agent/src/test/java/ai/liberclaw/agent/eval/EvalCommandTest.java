package ai.liberclaw.agent.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.eval.EvalAgents.Outcome;
import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.ReplyListener;
import ai.liberclaw.agent.model.ScriptedModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How cases are read, judged and reported; the agent is one that only repeats its script. */
class EvalCommandTest {
  private static final String CASE =
      """
      {"name": "greets", "input": "Hello", "workspace_files": {"notes/a.txt": "seven"},
       "responses": [{"content": "Hi there"}],
       "expect": {"final_contains": "there", "files": {"notes/a.txt": "sev"},
                  "history_roles": ["user", "assistant"], "events": ["text", "done"]}}
      """;

  @TempDir Path folder;
  private final ByteArrayOutputStream report = new ByteArrayOutputStream();

  @Test
  void aCaseThatHoldsEndsWellAndLeavesNothingBehind() throws Exception {
    List<Path> folders = new ArrayList<>();
    int code = run(CASE, folders);

    assertEquals(EvalCommand.HELD, code, report());
    assertTrue(report().startsWith("ok   greets ("), report());
    assertTrue(report().endsWith("1 held, 0 failed\n"), report());
    assertTrue(folders.stream().noneMatch(Files::exists));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"there\"|\"elsewhere\"|the last text lacks 'elsewhere'",
        "\"sev\"|\"eight\"|the file notes/a.txt lacks 'eight'",
        "{\"notes/a.txt\": \"sev\"}|{\"b\": \"\"}|there is no file b",
        "[\"user\", \"assistant\"]|[\"user\"]|the history's roles are [user, assistant]",
        "[\"text\", \"done\"]|[\"done\", \"text\"]|do not come in this order",
        "[{\"content\": \"Hi there\"}]|[{\"content\":\"Hi there\"},{\"content\":\"x\"}]|1 of the"
            + " scripted responses were not used",
        "[{\"content\": \"Hi there\"}]|[]|the turn failed: The script has no response left",
        "notes/a.txt\": \"seven|../a.txt\": \"seven|'../a.txt' is no path in the workspace"
      })
  void aCaseThatDoesNotHoldSaysWhy(String change) throws Exception {
    String[] parts = change.split("\\|", 3);
    int code = run(CASE.replace(parts[0], parts[1]), new ArrayList<>());

    assertEquals(EvalCommand.FAILED, code, report());
    assertTrue(report().contains("FAIL greets") && report().contains(parts[2]), report());
  }

  @Test
  void aFolderIsRunInOrderAndAFileMayHoldSeveral() throws Exception {
    Files.writeString(folder.resolve("b.json"), "[" + CASE + "," + CASE + "]");
    Files.writeString(folder.resolve("a.json"), CASE.replace("greets", "first"));
    Files.writeString(folder.resolve("c.txt"), "no case");

    assertEquals(EvalCommand.HELD, command(new ArrayList<>()).run(folder), report());
    assertTrue(report().startsWith("ok   first"), report());
    assertTrue(report().contains("3 held, 0 failed"), report());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{", "[7]", "{}", "{\"input\":\"x\",\"responses\":[{\"tool_calls\":[{}]}]}"})
  void whatIsNoCaseIsUnusable(String text) throws Exception {
    assertEquals(EvalCommand.UNUSABLE, run(text, new ArrayList<>()));
    assertTrue(report().startsWith("UNUSABLE "), report());
  }

  @Test
  void nothingToRunIsUnusable() throws Exception {
    assertEquals(EvalCommand.UNUSABLE, command(new ArrayList<>()).run(folder));
    assertEquals(
        EvalCommand.UNUSABLE, command(new ArrayList<>()).run(folder.resolve("nothing.json")));
  }

  private int run(String text, List<Path> folders) throws Exception {
    Path file = folder.resolve("case.json");
    Files.writeString(file, text);
    return command(folders).run(file);
  }

  private EvalCommand command(List<Path> folders) {
    return new EvalCommand(
        (evalCase, place, model) -> {
          folders.add(place);
          return repeat(place, model);
        },
        new PrintStream(report, true, StandardCharsets.UTF_8));
  }

  private static Outcome repeat(Path place, ScriptedModel model)
      throws IOException, InterruptedException {
    Path workspace = place.resolve(EvalCommand.WORKSPACE);
    List<String> roles = List.of("user", "assistant");
    try {
      String text =
          model.reply(new ModelRequest(List.of(), List.of()), ReplyListener.silent()).text();
      return new Outcome(text, List.of("text", "done"), "", roles, workspace);
    } catch (ModelException e) {
      return new Outcome("", List.of("error", "done"), e.userMessage(), roles, workspace);
    }
  }

  private String report() {
    return report.toString(StandardCharsets.UTF_8);
  }
}
