package ai.liberclaw.core.web;

/** Runs before a route is looked up, for CORS and for authentication that covers every path. */
@FunctionalInterface
public interface Before {
  /**
   * @return false when it has answered the request itself
   */
  boolean handle(Exchange exchange) throws Exception;
}
