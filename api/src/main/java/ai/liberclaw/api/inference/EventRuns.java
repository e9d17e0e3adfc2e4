package ai.liberclaw.api.inference;

import ai.liberclaw.core.sse.ReadLength;
import ai.liberclaw.core.sse.TimeSlice;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Finds where events end in a stream of them, and leaves their bytes as they are. Blocks in the
 * stream's own read and never waits for more than the event at hand. For one thread.
 */
final class EventRuns {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final InputStream in;
  private final int eventBytesMax;
  private final TimeSlice slice;
  private final ReadLength asked = new ReadLength(BUFFER_BYTES);
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int start;
  private int scanned;
  private int limit;
  private boolean lineEmpty = true;
  private boolean afterCr;

  /** An event has more bytes than one may have. */
  static final class TooLargeException extends IOException {
    TooLargeException() {
      super("event over the limit");
    }
  }

  EventRuns(InputStream in, int eventBytesMax, TimeSlice slice) {
    this.in = in;
    this.eventBytesMax = eventBytesMax;
    this.slice = slice;
  }

  /**
   * Reads on; what was taken is gone from the buffer.
   *
   * @return false at the end of the stream
   */
  boolean fill() throws IOException {
    if (start == limit) {
      scanned -= start;
      start = 0;
      limit = 0;
    } else if (limit == buffer.length) {
      makeRoom();
    }
    int count = slice.read(in, buffer, limit, asked.within(buffer.length - limit));
    if (count <= 0) {
      return false;
    }
    asked.came(count);
    limit += count;
    return true;
  }

  /** The bytes {@link #start} to {@link #next} are an event; valid until the next {@link #fill}. */
  byte[] bytes() {
    return buffer;
  }

  /** Where the first byte is that was not taken. */
  int start() {
    return start;
  }

  /** Where the bytes end that have come. */
  int limit() {
    return limit;
  }

  /** Takes the next whole event; the end of it, or -1 when there is none yet. */
  int next() {
    while (scanned < limit) {
      byte b = buffer[scanned++];
      if (b == '\n' && afterCr) {
        // The second half of a line's end.
        afterCr = false;
        continue;
      }
      afterCr = b == '\r';
      if (b != '\n' && b != '\r') {
        lineEmpty = false;
      } else if (lineEmpty) {
        if (afterCr && scanned < limit && buffer[scanned] == '\n') {
          scanned++;
          afterCr = false;
        }
        start = scanned;
        return scanned;
      } else {
        lineEmpty = true;
      }
    }
    return -1;
  }

  /** Takes what is left without an end. */
  int rest() {
    start = limit;
    return limit;
  }

  private void makeRoom() throws TooLargeException {
    int held = limit - start;
    if (held >= eventBytesMax) {
      throw new TooLargeException();
    }
    byte[] larger = held > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
    System.arraycopy(buffer, start, larger, 0, held);
    buffer = larger;
    scanned -= start;
    start = 0;
    limit = held;
  }

  /** A copy of some of the bytes. */
  byte[] copy(int from, int to) {
    return Arrays.copyOfRange(buffer, from, to);
  }
}
