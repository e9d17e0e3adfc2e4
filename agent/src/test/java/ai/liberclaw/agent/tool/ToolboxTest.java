package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.web.SearchSettings;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ToolboxTest {
  @TempDir Path folder;
  private Scene scene;

  @BeforeEach
  void open() throws IOException {
    scene = new Scene(folder);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private static List<String> names(Toolbox tools) {
    return tools.definitions().stream().map(ToolDefinition::name).toList();
  }

  @Test
  void theToolsComeInAFixedOrder() throws Exception {
    List<String> standard =
        List.of(
            "bash",
            "read_file",
            "write_file",
            "edit_file",
            "multi_edit",
            "apply_patch",
            "read_many_files",
            "read_pdf",
            "list_dir",
            "glob",
            "grep",
            "todo",
            "checkpoint",
            "web_fetch",
            "send_file");
    assertEquals(standard, names(scene.tools));
    Toolbox main = scene.tools.with(new SpawnTool(_ -> ""));
    assertEquals("spawn", names(main).getLast());
    assertEquals(standard, names(main.without("spawn", "unknown")));
    try (Scene withKey =
        new Scene(
            folder.resolve("other"),
            new SearchSettings("https://brave.test", "a-key", "", ""),
            List.of())) {
      assertTrue(names(withKey.tools).contains("web_search"));
    }
    assertEquals(
        "{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\",\"description\":"
            + "\"The command or script to run\"},\"timeout\":{\"type\":\"integer\",\"description\":"
            + "\"Seconds after which the command is stopped\",\"minimum\":1,\"maximum\":300,"
            + "\"default\":60}},\"required\":[\"command\"]}",
        Json.write(scene.tools.definitions().getFirst().parameters()));
  }

  @Test
  void readersAreKnownAsReaders() {
    for (String name : List.of("read_file", "list_dir", "web_fetch")) {
      assertTrue(scene.tools.readOnly(name), name);
    }
    for (String name : List.of("bash", "write_file", "edit_file", "send_file", "nonsense")) {
      assertFalse(scene.tools.readOnly(name), name);
    }
    assertFalse(scene.tools.idempotent("bash"));
  }

  @Test
  void aToolThatCannotWorkHereIsNotOfferedAndSaysWhyWhenCalled() throws Exception {
    Tool missing =
        new Tool() {
          @Override
          public ToolDefinition definition() {
            return new ToolDefinition("missing", "Never works.", Json.object());
          }

          @Override
          public Optional<String> unavailable() {
            return Optional.of("rg is not installed");
          }

          @Override
          public ToolResult call(ObjectNode arguments, ToolContext context) {
            return ToolResult.text("never");
          }
        };
    Toolbox tools = scene.tools.with(missing);
    assertEquals(names(scene.tools), names(tools));
    ToolResult result = tools.call(new ToolCall("c", "missing", "no json"), Scene.context());
    assertEquals("[error: tool 'missing' unavailable: rg is not installed]", result.content());
  }

  @Test
  void unknownToolsAndCutOffCallsAreNotExecuted() throws Exception {
    assertEquals("[error: unknown tool 'nope']", scene.callRaw("nope", "{}").content());
    ToolResult cut =
        scene.tools.call(
            new ToolCall("c", "bash", "{\"command\":\"touch made\"}", true), Scene.context());
    assertTrue(cut.isError() && cut.content().contains("cut off"));
    assertFalse(Files.exists(scene.workspace.root().resolve("made")));
  }

  @Test
  void w34WrongArgumentsAreExplained() throws Exception {
    scene.file("a", "x\n");
    assertEquals(
        "[error: the arguments must be a JSON object, not an array: [1]]",
        scene.callRaw("read_file", "[1]").content());
    assertEquals(
        "[error: the arguments must be a JSON object, not a string: \"x\"]",
        scene.callRaw("read_file", "\"x\"").content());
    assertEquals(
        "[error: the arguments must be a JSON object, not null: null]",
        scene.callRaw("read_file", "null").content());
    assertTrue(
        scene
            .callRaw("read_file", "{\"path\": \"a")
            .content()
            .startsWith("[error: the arguments are not valid JSON"));
    assertEquals(
        "[error: missing required 'path' parameter]", scene.callRaw("read_file", "{}").content());
    assertEquals(
        "[error: missing required 'path' parameter]",
        scene.callRaw("read_file", "{\"path\":null}").content());
    assertEquals(
        "[error: parameter 'path' must be a string, not an object: {\"a\":1}]",
        scene.callRaw("read_file", "{\"path\":{\"a\":1}}").content());
    assertEquals(
        "[error: parameter 'offset' must be an integer, not a string: \"two\"]",
        scene.callRaw("read_file", "{\"path\":\"a\",\"offset\":\"two\"}").content());
    assertEquals(
        "[error: parameter 'offset' must be an integer, not a number: 1.5]",
        scene.callRaw("read_file", "{\"path\":\"a\",\"offset\":1.5}").content());
    assertEquals(
        "[error: parameter 'offset' must be at least 1]",
        scene.callRaw("read_file", "{\"path\":\"a\",\"offset\":0}").content());
  }

  @Test
  void w34WhatIsPlainlyMeantIsPutRight() throws Exception {
    scene.file("7", "x\n");
    for (String offset : List.of("\"1\"", "1.0", "\" 1 \"", "null", "1e0")) {
      assertEquals(
          "1\tx\n",
          scene
              .callRaw("read_file", "{\"path\":7,\"offset\":" + offset + ",\"other\":true}")
              .content(),
          offset);
    }
    assertEquals("[file]  7\n[file]  settings.conf", scene.callRaw("list_dir", "").content());
  }

  private static Tool tool(String name, ToolResult result) {
    return new Tool() {
      @Override
      public ToolDefinition definition() {
        return ToolSchema.of(name, "").definition();
      }

      @Override
      public ToolResult call(ObjectNode arguments, ToolContext context) throws IOException {
        if (name.equals("broken")) {
          throw new IOException("disk full");
        }
        if (name.equals("buggy")) {
          throw new IllegalStateException("internal detail");
        }
        return result;
      }
    };
  }

  @Test
  void exceptionsBecomeResults() throws Exception {
    Toolbox tools =
        scene
            .tools
            .with(tool("broken", ToolResult.text("")))
            .with(tool("buggy", ToolResult.text("")));
    ToolResult broken = tools.call(new ToolCall("c", "broken", "{}", false), Scene.context());
    assertEquals("Error executing broken: disk full", broken.content());
    assertTrue(broken.isError());
    assertEquals(
        "Error executing buggy: IllegalStateException",
        tools.call(new ToolCall("c", "buggy", "{}", false), Scene.context()).content());
  }

  @Test
  void longResultsAreCutBetweenCharacters() throws Exception {
    // Both cuts would fall into the middle of a pair.
    String text = "x" + "🦀".repeat(20_000) + "y";
    Toolbox tools = scene.tools.with(tool("long", ToolResult.text(text)));
    String result = tools.call(new ToolCall("c", "long", "{}", false), Scene.context()).content();
    assertTrue(result.contains("truncated: 40002 characters in total"), "names the total");
    assertEquals(
        result,
        new String(result.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8),
        "no half pairs");
    assertTrue(result.startsWith("x🦀") && result.endsWith("🦀y"));
    String name = result.replaceAll("(?s).*full output: (\\S+) .*", "$1");
    assertEquals(text, Files.readString(scene.workspace.root().resolve(name)));
    String whole = "a".repeat(30_000);
    Toolbox atLimit = scene.tools.with(tool("limit", ToolResult.text(whole)));
    assertEquals(
        whole, atLimit.call(new ToolCall("c", "limit", "{}", false), Scene.context()).content());
  }

  @Test
  void w3SecretsAreMaskedInEveryResult() throws Exception {
    scene.file("a", "key=" + Scene.SECRET);
    assertEquals("1\tkey=[redacted]", scene.call("read_file", Map.of("path", "a")).content());
    Files.createDirectory(scene.workspace.root().resolve("d"));
    scene.file("d/" + Scene.SECRET, "");
    assertEquals("[file]  [redacted]", scene.call("list_dir", Map.of("path", "d")).content());
  }

  @Test
  void savedResultsAreLimitedAndStayInTheWorkspace() throws Exception {
    for (int i = 0; i < 205; i++) {
      scene.file("tool-results/bash-%012x.txt".formatted(i), "");
    }
    scene.file("tool-results/mine.txt", "");
    scene.bash("seq 20000");
    try (var files = Files.list(scene.workspace.root().resolve("tool-results"))) {
      assertEquals(201, files.count(), "200 and the file that is not ours");
    }
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    scene.bash("rm -r tool-results && ln -s " + elsewhere + " tool-results");
    String result = scene.bash("seq 20000");
    assertTrue(result.contains("it could not be saved"), "says so");
    try (var files = Files.list(elsewhere)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void spawningHandsOverTaskAndLabel() throws Exception {
    List<String> spawned = new ArrayList<>();
    Toolbox tools =
        scene.tools.with(
            new SpawnTool(asked -> {
              spawned.add(asked.chatId() + "|" + asked.task() + "|" + asked.label());
              return "Spawned " + asked.label();
            }));
    String task = "t".repeat(60);
    ToolCall call = new ToolCall("c", "spawn", "{\"task\":\"" + task + "\"}", false);
    assertEquals("Spawned " + "t".repeat(50), tools.call(call, Scene.context()).content());
    assertEquals(List.of("chat|" + task + "|" + "t".repeat(50)), spawned);
    assertTrue(tools.call(call, new ToolContext("chat", "turn", "c", false)).isError());
    assertEquals(1, spawned.size());
  }
}
