package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.todo.TodoItem;
import ai.liberclaw.agent.todo.TodoList;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code todo}: the agent's list of things to do, which outlives its context. */
public final class TodoTool implements Tool {
  private final TodoList todos;

  public TodoTool(TodoList todos) {
    this.todos = todos;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "todo",
            "Keep a list of things to do. It lies in TODO.json of the workspace and is shown to"
                + " you again after a long conversation was summarised. Use it for work of several"
                + " steps: add the steps, set the one you work on to in_progress, complete it.")
        .choice(
            "action",
            List.of("add", "list", "update", "complete", "delete"),
            "add needs title; update, complete and delete need id")
        .required()
        .optional("title", "string", "What is to be done")
        .optional("id", "string", "Which item, as list shows it")
        .choice(
            "status",
            List.of("pending", "in_progress", "done"),
            "For add and update; for list, only items of this status")
        .choice("priority", List.of("low", "medium", "high"), "medium by default")
        .optional("notes", "string", "Details worth keeping")
        .definition();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String action = arguments.path("action").asText();
    TodoList.Change change =
        new TodoList.Change(
            text(arguments, "title"),
            text(arguments, "status").flatMap(TodoItem.Status::of),
            text(arguments, "priority").flatMap(TodoItem.Priority::of),
            text(arguments, "notes"));
    try {
      if (action.equals("list")) {
        return ToolResult.text(list(change.status()));
      }
      if (action.equals("add")) {
        if (change.title().isEmpty()) {
          return missing("title");
        }
        return ToolResult.text("Added " + todos.add(change.title().get(), change).line());
      }
      Optional<String> id = text(arguments, "id");
      if (id.isEmpty()) {
        return missing("id");
      }
      return ToolResult.text(
          switch (action) {
            case "delete" -> "Deleted " + todos.delete(id.get()).line();
            case "complete" ->
                "Completed "
                    + todos
                        .update(
                            id.get(),
                            new TodoList.Change(
                                change.title(),
                                Optional.of(TodoItem.Status.DONE),
                                change.priority(),
                                change.notes()))
                        .line();
            default -> "Updated " + todos.update(id.get(), change).line();
          });
    } catch (TodoList.Fault e) {
      return ToolResult.error(e.text());
    }
  }

  private static Optional<String> text(ObjectNode arguments, String name) {
    return arguments.has(name) ? Optional.of(arguments.get(name).asText()) : Optional.empty();
  }

  private static ToolResult missing(String parameter) {
    return ToolResult.error("missing required '" + parameter + "' parameter");
  }

  private String list(Optional<TodoItem.Status> status) throws IOException, TodoList.Fault {
    List<TodoItem> items =
        todos.items().stream()
            .filter(item -> status.isEmpty() || item.status() == status.get())
            .toList();
    return items.isEmpty()
        ? "(no items)"
        : items.stream().map(TodoItem::line).collect(Collectors.joining("\n"));
  }
}
