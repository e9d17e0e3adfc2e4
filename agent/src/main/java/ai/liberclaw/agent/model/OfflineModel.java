package ai.liberclaw.agent.model;

import ai.liberclaw.core.model.OfflineDemo;
import ai.liberclaw.core.model.OfflineDemo.Entry;
import java.time.Duration;
import java.util.List;

/** The {@link OfflineDemo} in the place of a model. */
public final class OfflineModel implements Model {
  private final Duration pause;

  /**
   * @param pause between two deltas, so that people see the text grow; zero for none
   */
  public OfflineModel(Duration pause) {
    this.pause = pause;
  }

  @Override
  public String provider() {
    return "offline";
  }

  @Override
  public String name() {
    return OfflineDemo.MODEL;
  }

  @Override
  public Reply reply(ModelRequest request, ReplyListener listener) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    OfflineDemo.Answer answer =
        OfflineDemo.answer(
            request.messages().stream().map(OfflineModel::entry).toList(),
            request.tools().stream().map(ToolDefinition::name).toList());
    List<String> pieces = answer.pieces();
    for (int i = 0; i < pieces.size(); i++) {
      if (i > 0 && !pause.isZero()) {
        Thread.sleep(pause);
      }
      listener.textDelta(pieces.get(i));
    }
    List<ToolCall> calls =
        answer.calls().stream()
            .map(call -> new ToolCall(call.id(), call.name(), call.arguments()))
            .toList();
    return new Reply(answer.text(), calls, Usage.unknown()).by(this);
  }

  private static Entry entry(Message message) {
    return switch (message) {
      case Message.System _ -> new Entry.Rules();
      case Message.User(String content, List<Image> images) ->
          new Entry.User(content, images.size());
      case Message.Assistant(_, List<ToolCall> calls) ->
          new Entry.Assistant(
              calls.stream()
                  .map(call -> new OfflineDemo.Call(call.id(), call.name(), call.arguments()))
                  .toList());
      case Message.Tool(String callId, String content) -> new Entry.Result(callId, content);
    };
  }
}
