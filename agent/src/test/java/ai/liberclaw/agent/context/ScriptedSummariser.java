package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Answers summary requests from a script and remembers them. */
final class ScriptedSummariser implements Summariser {
  final List<ModelRequest> requests = new ArrayList<>();
  private Function<ModelRequest, String> answer;

  ScriptedSummariser(String always) {
    this.answer = _ -> always;
  }

  void answer(Function<ModelRequest, String> next) {
    this.answer = next;
  }

  @Override
  public Reply reply(String turnId, ModelRequest request) throws ModelException {
    requests.add(request);
    String text = answer.apply(request);
    if (text.equals("unavailable")) {
      throw new ModelException(ModelException.ErrorCode.INFERENCE_UNAVAILABLE, "Not there.");
    }
    return new Reply(text, List.of(), Usage.unknown());
  }

  /** Everything a summary request showed. */
  String shown() {
    StringBuilder text = new StringBuilder();
    for (ModelRequest request : requests) {
      request.messages().forEach(m -> text.append(MemoryHistory.line(m)).append('\n'));
    }
    return text.toString();
  }
}
