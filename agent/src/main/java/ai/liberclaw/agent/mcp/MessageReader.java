package ai.liberclaw.agent.mcp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Splits a stream into lines. A line over the bound is read to its end, but not kept. */
final class MessageReader {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final InputStream in;
  private final int lineBytesMax;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private int position;
  private int limit;

  MessageReader(InputStream in, int lineBytesMax) {
    this.in = in;
    this.lineBytesMax = lineBytesMax;
  }

  /** A line that was too long; the next one can be read. */
  static final class TooLongException extends IOException {
    TooLongException(int bytesMax) {
      super("message of more than " + bytesMax + " bytes");
    }
  }

  /**
   * The next line without its end; null at the end of the stream, where an unfinished line is
   * dropped.
   *
   * @throws TooLongException it was over the bound
   */
  byte @Nullable [] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean tooLong = false;
    while (true) {
      if (position == limit) {
        limit = in.read(chunk);
        position = 0;
        if (limit < 0) {
          limit = 0;
          return null;
        }
      }
      int end = position;
      while (end < limit && chunk[end] != '\n') {
        end++;
      }
      if (tooLong || line.size() + end - position > lineBytesMax) {
        tooLong = true;
        line = new ByteArrayOutputStream(0);
      } else {
        line.write(chunk, position, end - position);
      }
      boolean whole = end < limit;
      position = whole ? end + 1 : end;
      if (whole && tooLong) {
        throw new TooLongException(lineBytesMax);
      }
      if (whole) {
        return line.toByteArray();
      }
    }
  }
}
