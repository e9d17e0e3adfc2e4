package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.retry.Backoff;
import java.time.Duration;

/**
 * How long things with a server may take.
 *
 * @param call a call of a tool
 * @param other any other request; connecting as a whole
 * @param reconnect waits between attempts to connect
 * @param stable after so long, a connection that is lost is made again at once
 * @param refresh age at which the list of tools is read again
 * @param settle least time between two readings of the list, however often it changes
 * @param pause what a server that keeps failing is left alone for
 */
record Times(
    Duration call,
    Duration other,
    Backoff reconnect,
    Duration stable,
    Duration refresh,
    Duration settle,
    Duration pause) {
  static final Times STANDARD =
      new Times(
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          new Backoff(Duration.ofSeconds(30), Duration.ofSeconds(300), 0.1),
          Duration.ofSeconds(30),
          Duration.ofSeconds(300),
          Duration.ofSeconds(1),
          Duration.ofSeconds(60));
}
