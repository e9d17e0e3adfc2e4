package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.agent.eval.EvalCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A case with a whole agent. */
final class EvalAgentTest {
  @TempDir Path folder;

  @Test
  void aCaseRunsRealToolsInAWorkspaceOfItsOwn() throws Exception {
    Path file = folder.resolve("copies.json");
    Files.writeString(
        file,
        """
        {"input": "Copy it.", "chat_id": "c", "workspace_files": {"a.txt": "seven"},
         "responses": [
           {"content": "Reading.", "tool_calls": [{"name": "read_file", "arguments": {"path": "a.txt"}}]},
           {"tool_calls": [{"name": "write_file", "arguments": "{\\"path\\":\\"b.txt\\",\\"content\\":\\"seven\\"}"}]},
           {"content": "Copied."}],
         "max_iterations": 5, "platform": "api",
         "expect": {"final_contains": ["Copied"], "files": {"b.txt": "seven"},
           "history_roles": ["user", "assistant", "tool", "assistant", "tool", "assistant"],
           "events": ["text", "tool_use", "tool_use", "text", "done"]}}
        """);
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(report, true, StandardCharsets.UTF_8);

    int code = new EvalCommand(new EvalAgent(System.getenv()), out).run(file);

    assertEquals(EvalCommand.HELD, code, report.toString(StandardCharsets.UTF_8));
  }
}
