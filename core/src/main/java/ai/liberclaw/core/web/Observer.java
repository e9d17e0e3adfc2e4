package ai.liberclaw.core.web;

/**
 * Learns of every request, on the request's own thread: it must be quick, must not throw, and must
 * not wait for anything.
 */
public interface Observer {
  /** The answer has become a stream; {@link #served} is told of its end. */
  default void streaming(Exchange exchange) {}

  /** A request is over. */
  void served(Exchange exchange, Served served);

  /**
   * A request that never reached the router, because it was malformed or too large.
   *
   * @param method as it was sent, maybe empty
   * @param path as it was sent, without the query, maybe empty
   */
  default void refusedEarly(String id, String method, String path, int status) {}

  /**
   * How a request ended.
   *
   * @param status what was sent; 499 when the client left before there was an answer
   * @param bytes of the body
   * @param nanos from the first look at the request to the end of its answer
   * @param cut the answer did not come to its proper end
   */
  record Served(int status, long bytes, long nanos, boolean cut) {}
}
