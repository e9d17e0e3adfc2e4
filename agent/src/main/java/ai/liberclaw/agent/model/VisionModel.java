package ai.liberclaw.agent.model;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A model with the pictures it can take: not too many at once, and none that it could not see,
 * which it is told of in words.
 */
public final class VisionModel implements Model {
  /** Pictures put into words for one request; older ones are omitted. */
  static final int DESCRIBED_MAX = 10;

  private final Model model;
  private final Vision vision;
  private final Optional<Turn> turn;

  private record Turn(String chatId, String id) {}

  VisionModel(Model model, Vision vision) {
    this(model, vision, Optional.empty());
  }

  private VisionModel(Model model, Vision vision, Optional<Turn> turn) {
    this.model = model;
    this.vision = vision;
    this.turn = turn;
  }

  @Override
  public String provider() {
    return model.provider();
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public OptionalInt windowTokens() {
    return model.windowTokens();
  }

  @Override
  public Model forTurn(String chatId, String turnId) {
    return new VisionModel(
        model.forTurn(chatId, turnId), vision, Optional.of(new Turn(chatId, turnId)));
  }

  boolean sees() {
    Optional<Boolean> told = model instanceof HttpModel http ? http.sees() : Optional.empty();
    return vision.settings().sees(model.name(), told);
  }

  @Override
  public Reply reply(ModelRequest request, ReplyListener listener)
      throws ModelException, InterruptedException {
    List<Image> images = images(request.messages());
    if (images.isEmpty()) {
      return model.reply(request, listener);
    }
    int most = vision.settings().imagesMax();
    List<Message> shown = new ArrayList<>();
    if (sees()) {
      int omitted = most == 0 ? 0 : Math.max(0, images.size() - most);
      for (Message message : request.messages()) {
        if (message instanceof Message.User user && !user.images().isEmpty()) {
          int here = Math.min(omitted, user.images().size());
          omitted -= here;
          shown.add(user.withoutOldest(here));
        } else {
          shown.add(message);
        }
      }
    } else {
      Set<Image> worded = worded(images);
      for (Message message : request.messages()) {
        shown.add(message instanceof Message.User user ? inWords(user, worded) : message);
      }
    }
    return model.reply(new ModelRequest(shown, request.tools()), listener);
  }

  private static List<Image> images(List<Message> messages) {
    List<Image> images = new ArrayList<>();
    for (Message message : messages) {
      if (message instanceof Message.User user) {
        images.addAll(user.images());
      }
    }
    return images;
  }

  /** Those that are told in words: all that have them, and of the others the newest. */
  private Set<Image> worded(List<Image> images) {
    Set<Image> worded = new LinkedHashSet<>(images);
    if (turn.isPresent()) {
      String turnId = turn.get().id();
      List<Image> costly = worded.stream().filter(image -> vision.isNew(turnId, image)).toList();
      costly.subList(0, Math.max(0, costly.size() - DESCRIBED_MAX)).forEach(worded::remove);
    }
    return worded;
  }

  private Message.User inWords(Message.User user, Set<Image> worded) throws InterruptedException {
    if (turn.isEmpty()) {
      return user.inWords();
    }
    StringBuilder text = new StringBuilder(user.content());
    for (Image image : user.images()) {
      text.append(text.isEmpty() ? "" : "\n");
      text.append(
          worded.contains(image)
              ? vision.inWords(turn.get().chatId(), turn.get().id(), image)
              : Message.User.IMAGE_OMITTED);
    }
    return new Message.User(text.toString());
  }
}
