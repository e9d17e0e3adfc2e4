package ai.liberclaw.agent.checkpoint;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** {@code GET /checkpoints} and {@code POST /checkpoints/{id}/restore}: undo for the owner. */
public final class CheckpointRoutes {
  static final int LISTED_MAX = 200;

  private final Checkpoints checkpoints;

  public CheckpointRoutes(Checkpoints checkpoints) {
    this.checkpoints = checkpoints;
  }

  public void register(Router router) {
    router.get("/checkpoints", this::list);
    router.post("/checkpoints/{id}/restore", this::restore);
  }

  private void list(Exchange exchange) throws IOException {
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("checkpoints");
    checkpoints.newest(LISTED_MAX).forEach(c -> list.add(json(c)));
    exchange.send(body);
  }

  private static ObjectNode json(Checkpoint checkpoint) {
    return Json.object()
        .put("id", checkpoint.id())
        .put("message", checkpoint.message())
        .put("created_at", checkpoint.createdAt().toEpochMilli());
  }

  private void restore(Exchange exchange) throws IOException, InterruptedException {
    Checkpoints.Restored done;
    try {
      done = checkpoints.restore(exchange.path("id"));
    } catch (CheckpointFault e) {
      int status =
          switch (e.kind()) {
            case UNKNOWN -> 404;
            case BUSY -> 409;
            case TOO_LARGE, DAMAGED -> 422;
          };
      // The tool's own words would name an action of the tool.
      String text = status == 404 ? "no checkpoint '" + exchange.path("id") + "'" : e.text();
      exchange.send(status, Json.object().put("error", text));
      return;
    }
    ObjectNode body =
        Json.object()
            .put("status", "ok")
            .put("restored", done.to().id())
            .put("previous", done.previous().id())
            .put("written", done.written())
            .put("removed", done.removed());
    ArrayNode problems = body.putArray("problems");
    List<String> lines = done.problems();
    lines.forEach(problems::add);
    exchange.send(body);
  }
}
