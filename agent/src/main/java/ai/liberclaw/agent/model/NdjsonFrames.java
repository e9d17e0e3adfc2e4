package ai.liberclaw.agent.model;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of newline-delimited JSON; blank ones are skipped. The last line needs no end: whether
 * it is whole, its JSON tells.
 */
final class NdjsonFrames implements Wire.Frames {
  private final InputStream in;
  private final int lineBytesMax;
  private final byte[] chunk = new byte[8192];
  private int position;
  private int limit;
  private byte[] line = new byte[1024];
  private int length;

  NdjsonFrames(InputStream in, int lineBytesMax) {
    this.in = in;
    this.lineBytesMax = lineBytesMax;
  }

  @Override
  public boolean advance() throws IOException {
    boolean more = true;
    while (more) {
      length = 0;
      more = readLine();
      if (!isBlank()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public byte[] data() {
    return line;
  }

  @Override
  public int dataLength() {
    return length;
  }

  /** False when the stream ended before a line's end. */
  private boolean readLine() throws IOException {
    while (true) {
      if (position == limit) {
        int count = in.read(chunk);
        if (count < 0) {
          return false;
        }
        position = 0;
        limit = count;
      }
      int start = position;
      while (position < limit && chunk[position] != '\n') {
        position++;
      }
      append(start, position - start);
      if (position < limit) {
        position++;
        return true;
      }
    }
  }

  private void append(int start, int count) throws IOException {
    if (length + count > lineBytesMax) {
      throw new HttpExchange.TooLargeException();
    }
    if (length + count > line.length) {
      line = Arrays.copyOf(line, Math.max(line.length * 2, length + count));
    }
    System.arraycopy(chunk, start, line, length, count);
    length += count;
  }

  private boolean isBlank() {
    for (int i = 0; i < length; i++) {
      if (line[i] > ' ' || line[i] < 0) {
        return false;
      }
    }
    return true;
  }
}
