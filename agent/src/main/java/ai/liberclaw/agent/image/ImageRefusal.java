package ai.liberclaw.agent.image;

import java.io.IOException;

/** A picture that cannot be shown. The message says why, for people and for models. */
public final class ImageRefusal extends IOException {
  public ImageRefusal(String reason) {
    super(reason);
  }
}
