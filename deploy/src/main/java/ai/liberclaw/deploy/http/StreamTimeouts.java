package ai.liberclaw.deploy.http;

import ai.liberclaw.core.watch.WaitTimeout;
import ai.liberclaw.core.watch.WaitTimeouts;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.ClientConnection;
import io.helidon.webclient.api.WebClientServiceRequest;
import io.helidon.webclient.api.WebClientServiceResponse;
import io.helidon.webclient.spi.WebClientService;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Bounds the silences of event streams that a web client reads in virtual threads, in place of its
 * read timeout: each timed read makes a timer. Everything else a client waits for keeps its read
 * timeout; the connection of a stream has it again at the stream's end, since Helidon's client
 * closes one without it a moment after it was used again.
 */
public final class StreamTimeouts implements WebClientService {
  private static final String EVENTS = "text/event-stream";

  private final WaitTimeouts timeouts;
  private final Duration silence;

  /**
   * @param name of the thread that looks after the streams
   * @param silence before which the next byte has to come; the read timeout of the client too
   */
  public StreamTimeouts(String name, Duration silence) {
    this.timeouts = new WaitTimeouts(name);
    this.silence = silence;
  }

  @Override
  public WebClientServiceResponse handle(Chain chain, WebClientServiceRequest request) {
    WebClientServiceResponse response = chain.proceed(request);
    boolean streams =
        response.headers().first(HeaderNames.CONTENT_TYPE).orElse("").startsWith(EVENTS);
    if (!streams
        || response.inputStream().isEmpty()
        || !(response.connection() instanceof ClientConnection connection)) {
      return response;
    }
    WaitTimeout timeout = timeouts.of(silence);
    var _ = response.whenComplete().whenComplete((_, _) -> timeout.close());
    connection.readTimeout(Duration.ZERO);
    return WebClientServiceResponse.builder(response)
        .inputStream(new Events(timeout.bound(response.inputStream().get()), connection))
        .build();
  }

  /** Gives the connection its timeout back before anybody else learns that it has ended. */
  private final class Events extends FilterInputStream {
    private final ClientConnection connection;

    Events(InputStream in, ClientConnection connection) {
      super(in);
      this.connection = connection;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) <= 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int count = in.read(to, offset, length);
      if (count < 0) {
        try {
          connection.readTimeout(silence);
        } catch (IllegalStateException _) {
          // Closed meanwhile.
        }
      }
      return count;
    }
  }
}
