package ai.liberclaw.deploy.client;

import ai.liberclaw.deploy.client.AgentException.Kind;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** A file that an agent sends. Closing it before its end closes the connection. */
public final class AgentDownload implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private final HttpClientResponse response;

  AgentDownload(HttpClientResponse response) {
    this.response = response;
  }

  /** 200, 206, 304 or 416. */
  public int status() {
    return response.status().code();
  }

  public Optional<String> header(String name) {
    return response.headers().first(HeaderNames.create(name));
  }

  /** Bytes to come; empty when the agent does not say. */
  public OptionalLong length() {
    return header("Content-Length")
        .filter(text -> LENGTH.matcher(text).matches())
        .map(text -> OptionalLong.of(Long.parseLong(text)))
        .orElseGet(OptionalLong::empty);
  }

  /**
   * Copies the bytes.
   *
   * @param piece runs after each piece
   * @throws AgentException when the agent stops before the end
   * @throws IOException when they can't be written
   */
  public void copyTo(OutputStream out, Runnable piece) throws AgentException, IOException {
    InputStream in = response.inputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    long copied = 0;
    int count;
    while ((count = read(in, buffer)) > 0) {
      out.write(buffer, 0, count);
      copied += count;
      piece.run();
    }
    if (length().isPresent() && copied != length().getAsLong()) {
      throw new AgentException(Kind.LOST, 0, "the agent sent less of a file than it said");
    }
  }

  private static int read(InputStream in, byte[] buffer) throws AgentException {
    try {
      return in.read(buffer);
    } catch (IOException | RuntimeException e) {
      throw AgentClient.failure(e);
    }
  }

  @Override
  public void close() {
    try {
      response.close();
    } catch (RuntimeException _) {
      // A connection that is broken already can't be closed worse.
    }
  }
}
