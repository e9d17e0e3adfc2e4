package ai.liberclaw.core.web;

/** Answers one request. Anything it throws becomes the answer that {@link Router} describes. */
@FunctionalInterface
public interface RouteHandler {
  void handle(Exchange exchange) throws Exception;
}
