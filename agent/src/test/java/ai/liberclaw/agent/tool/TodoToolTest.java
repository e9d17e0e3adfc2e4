package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.todo.TodoItem;
import ai.liberclaw.agent.todo.TodoList;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of things to do, as a tool and as what a compaction shows again. */
final class TodoToolTest {
  private static final TodoList.Change NOTHING =
      new TodoList.Change(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  @TempDir Path folder;
  private Scene scene;
  private TodoList todos;

  @BeforeEach
  void open() throws IOException {
    scene = new Scene(folder);
    todos =
        new TodoList(
            scene.workspace, Clock.fixed(Instant.parse("2026-11-21T10:00:00Z"), ZoneOffset.UTC));
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private String todo(String json) throws InterruptedException {
    return scene.callRaw("todo", json).content();
  }

  private JsonNode file() throws IOException {
    return Json.parse(Files.readString(scene.workspace.root().resolve("TODO.json")));
  }

  @Test
  void anItemGoesFromPendingToDone() throws Exception {
    assertEquals("(no items)", todo("{\"action\":\"list\"}"));
    assertEquals(
        "Added 1. [pending] (high) Call: about the card",
        todo(
            "{\"action\":\"add\",\"title\":\"Call\",\"priority\":\"high\",\"notes\":\"about the card\"}"));
    assertEquals(
        "Added 2. [pending] (medium) Write", todo("{\"action\":\"add\",\"title\":\"Write\"}"));
    assertEquals(
        "Updated 2. [in_progress] (medium) Write",
        todo("{\"action\":\"update\",\"id\":2,\"status\":\"in_progress\"}"));
    assertEquals(
        "Completed 1. [done] (high) Call: about the card",
        todo("{\"action\":\"complete\",\"id\":\"1\"}"));
    assertEquals(
        "2. [in_progress] (medium) Write",
        todo("{\"action\":\"list\",\"status\":\"in_progress\"}"));
    assertEquals(
        "Deleted 2. [in_progress] (medium) Write", todo("{\"action\":\"delete\",\"id\":\"2\"}"));
    assertEquals("1. [done] (high) Call: about the card", todo("{\"action\":\"list\"}"));
  }

  @Test
  void theFileHasItsFields() throws Exception {
    todos.add("Call", NOTHING);
    ObjectNode expected =
        Json.object()
            .put("id", "1")
            .put("title", "Call")
            .put("status", "pending")
            .put("priority", "medium")
            .put("created_at", "2026-11-21T10:00:00+00:00")
            .putNull("completed_at")
            .put("notes", "");
    assertEquals(Json.array().add(expected), file());
    todos.update(
        "1",
        new TodoList.Change(
            Optional.empty(),
            Optional.of(TodoItem.Status.DONE),
            Optional.empty(),
            Optional.empty()));
    assertEquals("2026-11-21T10:00:00+00:00", file().path(0).path("completed_at").asText());
  }

  @Test
  void aModelIsToldHowToGoOn() throws Exception {
    assertEquals("[error: missing required 'title' parameter]", todo("{\"action\":\"add\"}"));
    assertEquals("[error: missing required 'id' parameter]", todo("{\"action\":\"complete\"}"));
    assertEquals(
        "[error: no item '9': the list is empty]", todo("{\"action\":\"delete\",\"id\":\"9\"}"));
    todos.add("Call", NOTHING);
    assertEquals(
        "[error: no item '9'; the list has 1]", todo("{\"action\":\"update\",\"id\":\"9\"}"));
    assertTrue(todo("{\"action\":\"finish\"}").contains("must be one of add, list, update"));
    scene.file("TODO.json", "{oops");
    assertEquals(
        "[error: TODO.json is no JSON list; repair it with write_file, or delete it]",
        todo("{\"action\":\"add\",\"title\":\"x\"}"));
    assertEquals("{oops", Files.readString(scene.workspace.root().resolve("TODO.json")));
    assertEquals("", todos.activeText());
  }

  @Test
  void whatIsStillToBeDoneIsBounded() throws Exception {
    scene.file(
        "TODO.json",
        "[{\"id\":7,\"title\":\"by hand\"},{\"id\":\"x\",\"title\":\"old\",\"status\":\"done\"},"
            + "{\"id\":\"8\",\"title\":\"now\",\"status\":\"in_progress\",\"notes\":\"a\\nb\"}]");
    assertEquals(
        "8. [in_progress] (medium) now: a b\n7. [pending] (medium) by hand", todos.activeText());
    for (int i = 0; i < 30; i++) {
      todos.add("x".repeat(300), NOTHING);
    }
    String text = todos.activeText();
    assertTrue(text.length() <= TodoList.ACTIVE_LENGTH_MAX && text.endsWith(" more in TODO.json]"));
  }

  @Test
  void changesMadeAtTheSameTimeAllCount() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String title = "item " + i;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  todos.add(title, NOTHING);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(20, todos.items().size());
    assertEquals(20, todos.items().stream().map(TodoItem::id).distinct().count());
  }
}
