package ai.liberclaw.agent.model;

/** Where it is kept that pictures were described. */
public interface VisionLog {
  /**
   * Somebody was asked to describe a picture.
   *
   * @param imageId what {@code vision_query} takes
   * @param model that was asked
   */
  void delegated(String turnId, String imageId, String model, boolean ok);

  /**
   * A picture has a description. Where the chat has a stored message with it, that keeps it.
   *
   * @param image with the description
   */
  void described(String chatId, Image image);

  /** A model that sees was asked for a turn, whether its answer was of use or not. */
  void answered(String turnId, Model asked, Reply reply);

  /** Keeps nothing. */
  static VisionLog silent() {
    return new VisionLog() {
      @Override
      public void delegated(String turnId, String imageId, String model, boolean ok) {}

      @Override
      public void described(String chatId, Image image) {}

      @Override
      public void answered(String turnId, Model asked, Reply reply) {}
    };
  }
}
