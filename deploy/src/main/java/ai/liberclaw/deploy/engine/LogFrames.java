package ai.liberclaw.deploy.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The engine's log stream: frames of a header of eight bytes, of which the last four are the
 * length, and that much of what a program wrote.
 */
final class LogFrames {
  private static final int HEADER_BYTES = 8;
  private static final int LENGTH_AT = 4;

  private LogFrames() {}

  /** The last bytes of all frames together, at most so many, as text. */
  static String tail(InputStream in, int bytesMax) throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    byte[] header = new byte[HEADER_BYTES];
    while (in.readNBytes(header, 0, HEADER_BYTES) == HEADER_BYTES) {
      long left = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(LENGTH_AT));
      while (left > 0) {
        byte[] piece = in.readNBytes((int) Math.min(left, bytesMax));
        if (piece.length == 0) {
          return text(kept, bytesMax);
        }
        kept.write(piece);
        left -= piece.length;
        if (kept.size() > 2 * bytesMax) {
          byte[] all = kept.toByteArray();
          kept.reset();
          kept.write(all, all.length - bytesMax, bytesMax);
        }
      }
    }
    return text(kept, bytesMax);
  }

  private static String text(ByteArrayOutputStream kept, int bytesMax) {
    byte[] all = kept.toByteArray();
    int from = Math.max(0, all.length - bytesMax);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }
}
