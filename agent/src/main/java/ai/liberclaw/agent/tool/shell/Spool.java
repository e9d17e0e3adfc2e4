package ai.liberclaw.agent.tool.shell;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of unknown number: a few in memory, more in a file, and of too many the first and the last
 * half of the limit. One writer, then one reader.
 */
final class Spool implements Sink, AutoCloseable {
  private static final int MEMORY_BYTES_MAX = 256 * 1024;
  static final String SUFFIX = ".spool";

  private final Path folder;
  private final long half;
  private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private @Nullable FileChannel file;
  private long total;

  /**
   * @param folder where a file is made when it is needed
   */
  Spool(Path folder, long bytesMax) {
    this.folder = folder;
    this.half = bytesMax / 2;
  }

  long total() {
    return total;
  }

  @Override
  public void write(byte[] bytes, int count) throws IOException {
    if (file == null && total + count <= MEMORY_BYTES_MAX) {
      memory.write(bytes, 0, count);
      total += count;
      return;
    }
    FileChannel out = file;
    if (out == null) {
      out = create();
      file = out;
      total = 0;
      byte[] early = memory.toByteArray();
      memory.reset();
      place(out, early, early.length);
    }
    place(out, bytes, count);
  }

  private FileChannel create() throws IOException {
    Path path = Files.createTempFile(folder, "output-", SUFFIX);
    // Nobody else reads it; unlinked on close.
    return FileChannel.open(
        path,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  /** The first half is written once; behind it the file is a ring. */
  private void place(FileChannel out, byte[] bytes, int count) throws IOException {
    int done = 0;
    while (done < count) {
      long at = total < half ? total : half + (total - half) % half;
      long room = (at < half ? half : 2 * half) - at;
      int length = (int) Math.min(room, count - done);
      ByteBuffer part = ByteBuffer.wrap(bytes, done, length);
      long position = at;
      while (part.hasRemaining()) {
        position += out.write(part, position);
      }
      done += length;
      total += length;
    }
  }

  /** Everything kept; where bytes were dropped, a line says how many. */
  InputStream open() {
    FileChannel out = file;
    if (out == null) {
      return new ByteArrayInputStream(memory.toByteArray());
    }
    if (total <= 2 * half) {
      return region(out, 0, total);
    }
    long ring = half + (total - half) % half;
    String note = "\n[... " + (total - 2 * half) + " bytes dropped ...]\n";
    return new SequenceInputStream(
        Collections.enumeration(
            List.of(
                region(out, 0, half),
                new ByteArrayInputStream(note.getBytes(StandardCharsets.UTF_8)),
                region(out, ring, 2 * half),
                region(out, half, ring))));
  }

  private static InputStream region(FileChannel file, long from, long to) {
    return new InputStream() {
      private long at = from;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        if (at >= to) {
          return -1;
        }
        ByteBuffer part = ByteBuffer.wrap(bytes, offset, (int) Math.min(length, to - at));
        int count = file.read(part, at);
        at += Math.max(count, 0);
        return count;
      }
    };
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
