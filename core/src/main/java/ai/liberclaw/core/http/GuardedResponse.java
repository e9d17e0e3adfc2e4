package ai.liberclaw.core.http;

import ai.liberclaw.core.http.FetchException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An answer whose body is still coming in. Close it, or its connection lives to the deadline. */
public final class GuardedResponse implements AutoCloseable {
  private static final Pattern CHARSET =
      Pattern.compile(";\\s*charset\\s*=\\s*\"?([^\\s\";]+)", Pattern.CASE_INSENSITIVE);

  private final Http1Response response;
  private final URI uri;
  private final ExchangeWatch watch;
  private final InputStream body;

  GuardedResponse(Http1Response response, URI uri, ExchangeWatch watch, long bodyBytesMax) {
    this.response = response;
    this.uri = uri;
    this.watch = watch;
    this.body = new Body(response.body(), bodyBytesMax);
  }

  public int status() {
    return response.status();
  }

  /** The page that answered, after redirects. */
  public URI uri() {
    return uri;
  }

  /** A header's first value. */
  public Optional<String> header(String name) {
    return response.header(name);
  }

  /** The media type alone, in lower case: {@code text/html}. Empty when missing or malformed. */
  public Optional<String> mediaType() {
    return header("Content-Type")
        .map(type -> type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
        .filter(type -> type.matches("[^/\\s]+/[^/\\s]+"));
  }

  /** What the content type names. Empty when it names none, or none that Java knows. */
  public Optional<Charset> charset() {
    return header("Content-Type")
        .map(CHARSET::matcher)
        .filter(Matcher::find)
        .flatMap(found -> charsetNamed(found.group(1)));
  }

  /**
   * The body, read as it comes. Reading fails with a {@link FetchException} past the limit of bytes
   * or the deadline, and with {@link InterruptedIOException} when the thread is interrupted.
   */
  public InputStream body() {
    return body;
  }

  /** The whole body. Closes the response. */
  public byte[] bytes() throws IOException, InterruptedException {
    try (this) {
      return body.readAllBytes();
    } catch (InterruptedIOException e) {
      Thread.interrupted(); // told by the exception from here on
      throw new InterruptedException();
    }
  }

  @Override
  public void close() {
    watch.close();
  }

  private static Optional<Charset> charsetNamed(String name) {
    try {
      return Optional.of(Charset.forName(name));
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return Optional.empty();
    }
  }

  private final class Body extends InputStream {
    private final InputStream from;
    private final long bytesMax;
    private long count;

    Body(InputStream from, long bytesMax) {
      this.from = from;
      this.bytesMax = bytesMax;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int read;
      try {
        read = from.read(to, offset, length);
      } catch (IOException e) {
        throw watch.explainToReader(e);
      }
      count += Math.max(0, read);
      if (count > bytesMax) {
        close();
        throw new FetchException(Reason.TOO_LARGE, "answer larger than " + bytesMax + " bytes");
      }
      return read;
    }

    @Override
    public void close() {
      GuardedResponse.this.close();
    }
  }
}
