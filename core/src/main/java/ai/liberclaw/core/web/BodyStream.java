package ai.liberclaw.core.web;

import ai.liberclaw.core.error.Refusal;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A request's body. The server tells faults of the client in exceptions of many kinds; here they
 * are two: the client is gone, or its framing is broken. Closing leaves the rest to the server.
 */
final class BodyStream extends InputStream {
  private final InputStream from;
  private boolean broken;

  BodyStream(InputStream from) {
    this.from = from;
  }

  /** True when nothing that follows on the connection can be told from this body. */
  boolean isBroken() {
    return broken;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    try {
      int count = from.read(to, offset, length);
      // The server's stream also says 0 at its end.
      return count == 0 && length > 0 ? -1 : count;
    } catch (UncheckedIOException | InsufficientDataAvailableException e) {
      throw new CloseConnectionException("client gone", e);
    } catch (CloseConnectionException | RequestException e) {
      throw e;
    } catch (RuntimeException _) {
      // Such as a chunk's length that is no number.
      broken = true;
      throw new Refusal(400, "Bad Request");
    }
  }
}
