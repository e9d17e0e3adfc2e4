package ai.liberclaw.agent.model;

import ai.liberclaw.core.secret.Secrets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pictures of one turn whose model cannot see. Each keeps its number, from 1 in the order in
 * which they came, and its description; the newest can be asked about. Guarded by its owner's lock.
 */
final class TurnPictures {
  /** Pictures of one turn that can be asked about. */
  static final int HELD_MAX = 16;

  private final Map<String, Picture> byContent = new HashMap<>();
  private final Deque<Picture> held = new ArrayDeque<>();

  /** A picture under its number. */
  static final class Picture {
    final int number;

    /** Null once newer ones took its place. */
    private @Nullable Image image;

    /** Null until somebody was asked; empty when nobody could tell. */
    private @Nullable String description;

    private Picture(int number, Image image) {
      this.number = number;
      this.image = image;
    }

    @Nullable String description() {
      return description;
    }

    void describe(String words) {
      description = words;
    }
  }

  /** The picture with its number, which it gets when it is new. */
  Picture of(Image image) {
    return byContent.computeIfAbsent(Secrets.sha256Hex(image.base64()), _ -> add(image));
  }

  private Picture add(Image image) {
    Picture picture = new Picture(byContent.size() + 1, image);
    held.addLast(picture);
    if (held.size() > HELD_MAX) {
      held.removeFirst().image = null;
    }
    return picture;
  }

  Optional<Image> find(int number) {
    return held.stream()
        .filter(picture -> picture.number == number)
        .findFirst()
        .flatMap(picture -> Optional.ofNullable(picture.image));
  }

  int count() {
    return byContent.size();
  }

  /** Base64 characters held. */
  long chars() {
    long chars = 0;
    for (Picture picture : held) {
      chars += picture.image == null ? 0 : picture.image.base64().length();
    }
    return chars;
  }
}
