package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.model.Message;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Pictures that the calls of one reply returned. The model is shown them once, after the results,
 * and they are stored nowhere.
 */
final class RoundImages {
  private final Set<String> tools = new LinkedHashSet<>();
  private final List<Image> images = new ArrayList<>();

  void add(String tool, List<Image> returned) {
    if (!returned.isEmpty()) {
      tools.add(tool);
      images.addAll(returned);
    }
  }

  /** The model has seen them. */
  void clear() {
    tools.clear();
    images.clear();
  }

  /** The messages of a request, and these pictures if there are any. */
  List<Message> after(List<Message> messages) {
    if (images.isEmpty()) {
      return messages;
    }
    List<Message> all = new ArrayList<>(messages);
    all.add(new Message.User(Message.User.TOOL_IMAGES + String.join(", ", tools) + "]", images));
    return all;
  }
}
