package ai.liberclaw.core.sse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the events in a byte stream (HTML standard, "Interpreting an event stream"). Blocks in the
 * stream's own read and never waits for more than the event at hand. Not safe for use by two
 * threads.
 *
 * <p>{@link #advance} leaves an event's data in a buffer that is used again, for relays that pass
 * bytes on; {@link #next} makes an object of it.
 */
public final class SseReader implements AutoCloseable {
  private static final int READ_BYTES_MAX = 8192;

  private final InputStream in;
  private final int eventBytesMax;
  private final @Nullable TimeSlice slice;
  private final ReadLength asked = new ReadLength(READ_BYTES_MAX);
  private byte[] chunk = {};
  private int position;
  private int limit;
  private boolean skipLf;

  private byte[] line = new byte[256];
  private int lineLength;
  private byte[] data = new byte[1024];
  private int dataLength;
  private boolean hasData;
  private @Nullable String id;
  private @Nullable String name;
  private boolean first = true;

  /**
   * @param eventBytesMax bytes one event, and so one line, may have
   */
  public SseReader(InputStream in, int eventBytesMax) {
    this(in, eventBytesMax, null);
  }

  /**
   * Of one of many streams of a server.
   *
   * @param slice from {@link SseWatch#slice}; null when there are no others
   */
  public SseReader(InputStream in, int eventBytesMax, @Nullable TimeSlice slice) {
    this.in = in;
    this.eventBytesMax = eventBytesMax;
    this.slice = slice;
  }

  /**
   * The next event; null at the end of the stream, where an unfinished event is dropped.
   *
   * @throws SseTooLargeException when an event is over the limit
   */
  public @Nullable SseEvent next() throws IOException {
    return advance()
        ? new SseEvent(new String(data, 0, dataLength, StandardCharsets.UTF_8), id, name)
        : null;
  }

  /**
   * Moves to the next event that has data; false at the end of the stream.
   *
   * @throws SseTooLargeException when an event is over the limit
   */
  public boolean advance() throws IOException {
    dataLength = 0;
    hasData = false;
    id = null;
    name = null;
    while (readLine()) {
      if (lineLength > 0) {
        field();
      } else if (hasData) {
        return true;
      } else {
        id = null;
        name = null;
      }
    }
    return false;
  }

  /** The data of the event at hand, UTF-8, valid until the next {@link #advance}. */
  public byte[] data() {
    return data;
  }

  /** Bytes of {@link #data} that count. */
  public int dataLength() {
    return dataLength;
  }

  /** The id of the event at hand; null when it has none. */
  public @Nullable String id() {
    return id;
  }

  /** Closes the stream below. */
  @Override
  public void close() throws IOException {
    in.close();
  }

  /** One line into {@link #line}, without its end; false when the stream ended before an end. */
  private boolean readLine() throws IOException {
    lineLength = 0;
    while (true) {
      if (position == limit) {
        int length = asked.within(READ_BYTES_MAX);
        if (length > chunk.length) {
          chunk = new byte[length];
        }
        int count = slice == null ? in.read(chunk, 0, length) : slice.read(in, chunk, 0, length);
        if (count < 0) {
          return false;
        }
        asked.came(count);
        position = 0;
        limit = count;
      }
      if (skipLf && limit > position) {
        skipLf = false;
        if (chunk[position] == '\n') {
          position++;
          continue;
        }
      }
      int start = position;
      while (position < limit && chunk[position] != '\n' && chunk[position] != '\r') {
        position++;
      }
      append(start, position - start);
      if (position < limit) {
        skipLf = chunk[position] == '\r';
        position++;
        if (first) {
          first = false;
          dropByteOrderMark();
        }
        return true;
      }
    }
  }

  private void append(int start, int count) throws SseTooLargeException {
    if (lineLength + count > eventBytesMax) {
      throw new SseTooLargeException(eventBytesMax);
    }
    if (lineLength + count > line.length) {
      line = Arrays.copyOf(line, Math.max(line.length * 2, lineLength + count));
    }
    System.arraycopy(chunk, start, line, lineLength, count);
    lineLength += count;
  }

  private void dropByteOrderMark() {
    if (lineLength >= 3
        && line[0] == (byte) 0xEF
        && line[1] == (byte) 0xBB
        && line[2] == (byte) 0xBF) {
      System.arraycopy(line, 3, line, 0, lineLength - 3);
      lineLength -= 3;
    }
  }

  private void field() throws SseTooLargeException {
    int colon = 0;
    while (colon < lineLength && line[colon] != ':') {
      colon++;
    }
    int value = Math.min(colon + 1, lineLength);
    if (value < lineLength && line[value] == ' ') {
      value++;
    }
    if (fieldIs(colon, "data")) {
      appendData(value);
    } else if (fieldIs(colon, "id")) {
      id = new String(line, value, lineLength - value, StandardCharsets.UTF_8);
    } else if (fieldIs(colon, "event")) {
      name = new String(line, value, lineLength - value, StandardCharsets.UTF_8);
    }
  }

  private boolean fieldIs(int length, String field) {
    if (length != field.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (line[i] != field.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void appendData(int value) throws SseTooLargeException {
    int separator = hasData ? 1 : 0;
    int count = lineLength - value;
    if (dataLength + separator + count > eventBytesMax) {
      throw new SseTooLargeException(eventBytesMax);
    }
    if (dataLength + separator + count > data.length) {
      data = Arrays.copyOf(data, Math.max(data.length * 2, dataLength + separator + count));
    }
    if (hasData) {
      data[dataLength++] = '\n';
    }
    System.arraycopy(line, value, data, dataLength, count);
    dataLength += count;
    hasData = true;
  }
}
