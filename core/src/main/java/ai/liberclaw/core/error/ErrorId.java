package ai.liberclaw.core.error;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Ids that tie what a caller sees to the line in the log. */
public final class ErrorId {
  private static final SecureRandom RANDOM = new SecureRandom();

  private ErrorId() {}

  /** 16 hex digits. */
  public static String next() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
