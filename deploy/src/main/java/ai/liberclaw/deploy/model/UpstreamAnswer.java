package ai.liberclaw.deploy.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;

/**
 * The head of a service's answer, and its body as it comes. Interrupting the thread that reads it
 * frees that thread; closing it before its end closes the connection, and the service notices. For
 * one thread.
 */
public final class UpstreamAnswer implements AutoCloseable {
  private static final String EVENTS = "text/event-stream";
  private static final int LEFT_BYTES_MAX = 64 * 1024;

  private final int status;
  private final String mediaType;
  private final Optional<String> retryAfter;
  private final InputStream body;
  private final Runnable closing;
  private boolean handedOn;

  /**
   * @param contentType as the service sent it
   * @param retryAfter as the service sent it
   * @param closing frees what the answer holds
   */
  public UpstreamAnswer(
      int status,
      String contentType,
      Optional<String> retryAfter,
      InputStream body,
      Runnable closing) {
    this.status = status;
    this.mediaType = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    this.retryAfter = retryAfter;
    this.body = body;
    this.closing = closing;
  }

  public int status() {
    return status;
  }

  /** In lower case, without parameters. */
  public String mediaType() {
    return mediaType;
  }

  public Optional<String> retryAfter() {
    return retryAfter;
  }

  public InputStream body() {
    return body;
  }

  /** Whether the body is a stream of events. */
  public boolean streams() {
    return mediaType.equals(EVENTS);
  }

  /**
   * Everything that matters has been read. What little is left is read elsewhere, so that the
   * connection can be used again and nobody waits for that.
   */
  public void finish() {
    handedOn = true;
    Thread.ofVirtual().name("upstream-rest").start(this::readRest);
  }

  private void readRest() {
    byte[] buffer = new byte[1024];
    try {
      int left = LEFT_BYTES_MAX;
      int count = body.read(buffer);
      while (count > 0 && left > 0) {
        left -= count;
        count = body.read(buffer);
      }
    } catch (IOException | UncheckedIOException | IllegalStateException _) {
      // Then it can't be used again.
    } finally {
      closing.run();
    }
  }

  @Override
  public void close() {
    if (!handedOn) {
      closing.run();
    }
  }
}
