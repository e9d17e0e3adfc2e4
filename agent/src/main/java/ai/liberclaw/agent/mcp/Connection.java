package ai.liberclaw.agent.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;

/** A connection to one server. Requests of several threads go over it side by side. */
interface Connection extends AutoCloseable {
  /** What a connection tells its user; called on threads of the connection's, which must go on. */
  interface Listener {
    /** The connection is over; there will be no other word. */
    void lost();

    /** The server says that its tools have changed. */
    void toolsChanged();
  }

  /** Opens the protocol. First of all, and once. */
  Handshake initialize(Duration timeout) throws McpException, InterruptedException;

  /**
   * Sends a request and waits for its result. When nobody waits any more, in time or for an
   * interrupt, the server is told so.
   */
  JsonNode request(String method, ObjectNode params, Duration timeout)
      throws McpException, InterruptedException;

  /** Why the connection is over; empty while it is not. */
  Optional<String> lost();

  /** Ends it for certain. */
  @Override
  void close();
}
