package ai.liberclaw.testkit.aleph;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Looks at what a connection begins with. */
final class FirstBytes {
  private static final int LOOK_MAX = 16 * 1024;

  private FirstBytes() {}

  static Optional<String> host(BufferedInputStream in) throws IOException {
    in.mark(LOOK_MAX);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0 && head.length() < LOOK_MAX) {
      int c = in.read();
      if (c < 0) {
        return Optional.empty();
      }
      head.append((char) c);
    }
    in.reset();
    return head.toString()
        .lines()
        .filter(line -> line.regionMatches(true, 0, "host:", 0, 5))
        .map(line -> line.substring(5).strip().replaceFirst(":\\d+$", ""))
        .findFirst();
  }

  /** The server name of a TLS ClientHello (RFC 8446 4.1.2, RFC 6066 3). */
  static Optional<String> serverName(BufferedInputStream in) throws IOException {
    in.mark(LOOK_MAX);
    byte[] record = in.readNBytes(5);
    if (record.length < 5 || record[0] != 22) {
      return Optional.empty();
    }
    ByteBuffer hello =
        ByteBuffer.wrap(in.readNBytes(((record[3] & 0xff) << 8 | (record[4] & 0xff)) % LOOK_MAX));
    in.reset();
    try {
      hello.position(4 + 2 + 32);
      skip(hello, hello.get() & 0xff);
      skip(hello, hello.getShort() & 0xffff);
      skip(hello, hello.get() & 0xff);
      hello.getShort();
      while (hello.hasRemaining()) {
        int type = hello.getShort();
        int length = hello.getShort() & 0xffff;
        if (type == 0) {
          skip(hello, 3);
          byte[] name = new byte[hello.getShort() & 0xffff];
          hello.get(name);
          return Optional.of(new String(name, StandardCharsets.US_ASCII));
        }
        skip(hello, length);
      }
    } catch (BufferUnderflowException | IllegalArgumentException _) {
      // Not a whole ClientHello.
    }
    return Optional.empty();
  }

  private static void skip(ByteBuffer buffer, int count) {
    buffer.position(buffer.position() + count);
  }
}
