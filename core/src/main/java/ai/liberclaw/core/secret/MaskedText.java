package ai.liberclaw.core.secret;

/**
 * Masks a text that comes in pieces, such as a model's reply while it is written. The pieces it
 * gives together are the beginning of what {@link Mask#mask} makes of the whole text; only what may
 * become a secret is held back. For one thread at a time.
 */
public final class MaskedText {
  private final Mask mask;
  private String held = "";

  MaskedText(Mask mask) {
    this.mask = mask;
  }

  /**
   * Takes the next piece.
   *
   * @return what can be shown now, maybe nothing
   */
  public String next(String piece) {
    String text = held.isEmpty() ? piece : held + piece;
    int settled = mask.settled(text);
    held = text.substring(settled);
    return mask.mask(text.substring(0, settled));
  }
}
