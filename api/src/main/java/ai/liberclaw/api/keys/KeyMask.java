package ai.liberclaw.api.keys;

/** What of a key is shown: enough to tell it from others. */
final class KeyMask {
  /** Shown where nothing of a key may be, or can be, shown. */
  static final String HIDDEN = "***";

  /** Characters a key has at least; of a shorter one too little would stay hidden. */
  static final int KEY_LENGTH_MIN = 16;

  private static final int FIRST = 8;
  private static final int LAST = 4;

  private KeyMask() {}

  /** First eight and last four characters. The original also took keys too short for that. */
  static String of(String key) {
    return key.length() < KEY_LENGTH_MIN
        ? HIDDEN
        : key.substring(0, FIRST) + "..." + key.substring(key.length() - LAST);
  }
}
