package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.tool.NestedCalls;
import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Makes the calls of one turn that were let through. */
final class CallRuns {
  private final Turn turn;
  private final TurnSetup setup;
  private final CallGate gate;

  CallRuns(Turn turn, TurnSetup setup, CallGate gate) {
    this.turn = turn;
    this.setup = setup;
    this.gate = gate;
  }

  /**
   * A call that has ended.
   *
   * @param files what it and the calls inside it sent to the user
   * @param images for the model, also from the calls inside it
   * @param shown what readers are told before the result
   */
  record Ended(
      ToolResult result,
      long durationMs,
      List<SentFile> files,
      List<Image> images,
      List<TurnEvent> shown) {
    /** A call that has not run. */
    static Ended without(ToolResult result) {
      return new Ended(result, 0, List.of(), List.of(), List.of());
    }

    static Ended refused(Ruling.Refused ruling) {
      List<TurnEvent> shown =
          ruling.event().map(event -> List.<TurnEvent>of(event)).orElse(List.of());
      return new Ended(ruling.result(), 0, List.of(), List.of(), shown);
    }

    /** All that readers are told of the end of the call. */
    List<TurnEvent> events(String name) {
      List<TurnEvent> events = new ArrayList<>(shown);
      files.forEach(file -> events.add(new TurnEvent.File(file.path(), file.caption())));
      events.add(
          new TurnEvent.CallEnded(
              name, result.isError(), durationMs, result.content(), result.metadata(), files));
      return events;
    }
  }

  /**
   * Makes a call, for which guard rails are not asked any more.
   *
   * @throws InterruptedException the turn was stopped; nothing of the call goes on
   */
  Ended run(ToolCall call) throws InterruptedException {
    long start = System.nanoTime();
    Inside inside = new Inside();
    ToolResult result = setup.tools().callApproved(call, context(call, inside));
    long durationMs = (System.nanoTime() - start) / 1_000_000;
    List<SentFile> files = new ArrayList<>(inside.files);
    result.file().ifPresent(files::add);
    List<Image> images = new ArrayList<>(inside.images);
    images.addAll(result.images());
    return new Ended(result, durationMs, files, images, List.copyOf(inside.blocked));
  }

  private ToolContext context(ToolCall call, NestedCalls inside) {
    return new ToolContext(turn.chatId(), turn.id(), call.id(), setup.main(), inside);
  }

  /** Calls that a tool makes, under the same policy. Nobody can be asked from in there. */
  private final class Inside implements NestedCalls {
    private final Queue<SentFile> files = new ConcurrentLinkedQueue<>();
    private final Queue<Image> images = new ConcurrentLinkedQueue<>();
    private final Queue<TurnEvent> blocked = new ConcurrentLinkedQueue<>();

    @Override
    public ToolResult call(ToolCall call) throws InterruptedException {
      return switch (gate.rule(call)) {
        case Ruling.Run _ -> {
          ToolResult result = setup.tools().callApproved(call, context(call, NestedCalls.NONE));
          result.file().ifPresent(files::add);
          images.addAll(result.images());
          yield result;
        }
        case Ruling.Ask(String reason) ->
            ToolResult.blocked(
                reason
                    + ". The user has to allow this, and cannot be asked about a call from inside"
                    + " another tool: call "
                    + call.name()
                    + " directly");
        case Ruling.Refused refused -> {
          refused.event().ifPresent(blocked::add);
          yield refused.result();
        }
      };
    }
  }
}
