package ai.liberclaw.deploy.model;

import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;

/**
 * The head of a service's answer, and its body as it comes. Interrupting the thread that reads it
 * frees that thread; closing it before its end closes the connection, and the service notices.
 *
 * @param mediaType in lower case, without parameters
 * @param retryAfter as the service sent it
 * @param closing what {@link #close} does
 */
public record UpstreamAnswer(
    int status, String mediaType, Optional<String> retryAfter, InputStream body, Runnable closing)
    implements AutoCloseable {
  private static final String EVENTS = "text/event-stream";

  public UpstreamAnswer {
    mediaType = mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  /** Whether the body is a stream of events. */
  public boolean streams() {
    return mediaType.equals(EVENTS);
  }

  @Override
  public void close() {
    closing.run();
  }
}
