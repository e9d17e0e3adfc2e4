package ai.liberclaw.agent.coding;

import ai.liberclaw.agent.coding.CodingTask.Mode;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Fields;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The body of {@code POST /runtime/coding-tasks}.
 *
 * @param deltas also the text while it is written
 */
record CodingRequest(String id, Mode mode, String message, boolean deltas) {
  /** Code points of a task. */
  static final int TASK_LENGTH_MAX = 100_000;

  /** Code points of what goes with it. */
  static final int CONTEXT_LENGTH_MAX = 200_000;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final List<String> MODES =
      List.of(Mode.IMPLEMENT.wireName(), Mode.INSPECT.wireName());

  private static final String INSPECT =
      """
      Inspect only: change nothing. Your tools can only read; there is nothing to verify by running \
      it. Report what you found.

      """;

  static CodingRequest of(Fields body) {
    String task = body.text("task", 1, TASK_LENGTH_MAX);
    String id = body.optionalText("task_id", ID).orElseGet(() -> UUID.randomUUID().toString());
    String mode = body.optionalText("mode", 1, 20).orElse(Mode.IMPLEMENT.wireName());
    String context = body.optionalText("context", 0, CONTEXT_LENGTH_MAX).orElse("");
    boolean deltas = body.flag("deltas", false);
    if (!task.isEmpty() && task.isBlank()) {
      body.fault("task", "value_error", "Task must not be blank", Json.object());
    }
    if (!MODES.contains(mode)) {
      body.fault(
          "mode",
          "literal_error",
          "Input should be 'implement' or 'inspect'",
          Json.object().put("expected", "'implement' or 'inspect'"));
    }
    body.check();
    return new CodingRequest(id, Mode.of(mode), message(Mode.of(mode), task, context), deltas);
  }

  private static String message(Mode mode, String task, String context) {
    String asked =
        switch (mode) {
          case IMPLEMENT -> task;
          case INSPECT -> INSPECT + task;
        };
    return context.isBlank() ? asked : asked + "\n\nContext:\n" + context;
  }
}
