package ai.liberclaw.core.http;

import ai.liberclaw.core.http.FetchException.Reason;
import ai.liberclaw.core.http.Http1Response.Http1Lines;
import java.io.IOException;
import java.io.InputStream;

/** A body of known length or in chunks. An end before its end is a failure. */
final class Http1Body extends InputStream {
  static final long CHUNKED = -1;
  private static final int CHUNK_LINE_BYTES_MAX = 4096;

  private final InputStream in;
  private final boolean chunked;
  private long left;
  private boolean firstChunk = true;
  private boolean ended;

  Http1Body(InputStream in, long length) {
    this.in = in;
    this.chunked = length == CHUNKED;
    this.left = chunked ? 0 : length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0 && !ended) {
      if (chunked) {
        nextChunk();
      } else {
        ended = true;
      }
    }
    if (ended) {
      return -1;
    }
    int count = in.read(to, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new FetchException(Reason.UNREACHABLE, "connection lost");
    }
    left -= count;
    return count;
  }

  private void nextChunk() throws IOException {
    if (!firstChunk && !new Http1Lines(in, 2).next().isEmpty()) {
      throw Http1Response.malformed();
    }
    firstChunk = false;
    String size = new Http1Lines(in, CHUNK_LINE_BYTES_MAX).next().split(";", 2)[0].strip();
    if (!size.matches("[0-9a-fA-F]{1,15}")) {
      throw Http1Response.malformed();
    }
    left = Long.parseLong(size, 16);
    if (left == 0) {
      ended = true;
      Http1Lines trailers = new Http1Lines(in, Http1Response.HEAD_BYTES_MAX);
      while (!trailers.next().isEmpty()) {
        // Trailers say nothing that anybody here asks for.
      }
    }
  }
}
