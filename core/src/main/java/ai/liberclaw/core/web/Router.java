package ai.liberclaw.core.web;

import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * All routes of a server. Paths are matched in the order they were added. A known path with another
 * method is 405 with {@code Allow}; HEAD runs the GET route and sends no body.
 *
 * <p>A {@link Refusal} is answered with its status, an {@link Invalid} with 422, and everything
 * else with 500, an id in {@code X-Request-Id} and the cause in the log alone.
 */
public final class Router implements Handler {
  /** What is said about a path that no route matches. */
  public static final String NOT_FOUND = "Not Found";

  private static final Logger LOG = System.getLogger(Router.class.getName());
  private static final Logger ACCESS = System.getLogger("ai.liberclaw.access");

  private final List<Route> routes = new ArrayList<>();
  private final List<Before> befores = new ArrayList<>();
  private final ErrorBody errors;

  public Router(ErrorBody errors) {
    this.errors = errors;
  }

  /** Runs before every route and before the 404 of an unknown path, in the order of adding. */
  public Router before(Before before) {
    befores.add(before);
    return this;
  }

  public Router get(String pattern, RouteHandler handler) {
    return route("GET", pattern, handler);
  }

  public Router post(String pattern, RouteHandler handler) {
    return route("POST", pattern, handler);
  }

  public Router patch(String pattern, RouteHandler handler) {
    return route("PATCH", pattern, handler);
  }

  public Router put(String pattern, RouteHandler handler) {
    return route("PUT", pattern, handler);
  }

  public Router delete(String pattern, RouteHandler handler) {
    return route("DELETE", pattern, handler);
  }

  private Router route(String method, String pattern, RouteHandler handler) {
    PathPattern path = PathPattern.of(pattern);
    for (Route route : routes) {
      if (route.path.equals(path)) {
        route.handlers.put(method, handler);
        return this;
      }
    }
    Route route = new Route(pattern, path, new LinkedHashMap<>());
    route.handlers.put(method, handler);
    routes.add(route);
    return this;
  }

  /** Each route as {@code METHOD /pattern}, in order, for tests and documents. */
  public List<String> routes() {
    return routes.stream()
        .flatMap(r -> r.handlers.keySet().stream().map(m -> m + " " + r.pattern))
        .toList();
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) {
    String id = ErrorId.next();
    response.header(HeaderNames.create("X-Request-Id"), id);
    long start = System.nanoTime();
    Exchange exchange = new Exchange(request, response, id);
    boolean cut = false;
    try {
      answer(exchange);
    } catch (CloseConnectionException e) {
      cut = true;
      throw e;
    } finally {
      log(exchange, start, cut);
    }
  }

  private void answer(Exchange exchange) {
    if (!exchange.framed()) {
      fail(exchange, 400, Map.of(), errors.of(400, "Bad Request"));
      return;
    }
    try {
      for (Before before : befores) {
        if (!before.handle(exchange)) {
          return;
        }
      }
      dispatch(exchange);
    } catch (Refusal e) {
      fail(exchange, e.status(), e.headers(), errors.of(e.status(), e.text()));
    } catch (Invalid e) {
      fail(exchange, 422, Map.of(), e.body());
    } catch (CloseConnectionException e) {
      // Also what a lost connection shows itself as.
      throw e;
    } catch (InterruptedException e) {
      throw gone(e);
    } catch (RequestException e) {
      fail(exchange, 400, Map.of(), errors.of(400, "Bad Request"));
    } catch (IOException | UncheckedIOException e) {
      // A client that left is no news; a failing disk or upstream is.
      if (exchange.streaming() || Thread.interrupted()) {
        throw gone(e);
      }
      unexpected(exchange, e);
    } catch (Exception e) {
      unexpected(exchange, e);
    }
  }

  private void dispatch(Exchange exchange) throws Exception {
    String rawPath = exchange.rawPath();
    String method = exchange.method();
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      Optional<Map<String, String>> values = route.path.match(rawPath);
      if (values.isEmpty()) {
        continue;
      }
      RouteHandler handler = route.handlers.get(method.equals("HEAD") ? "GET" : method);
      if (handler != null) {
        exchange.matched(values.get());
        handler.handle(exchange);
        return;
      }
      allowed.addAll(route.handlers.keySet());
    }
    if (allowed.isEmpty()) {
      throw new Refusal(404, NOT_FOUND);
    }
    throw new Refusal(405, "Method Not Allowed", Map.of("Allow", allow(allowed)));
  }

  private static String allow(Collection<String> methods) {
    TreeSet<String> all = new TreeSet<>(methods);
    if (all.contains("GET")) {
      all.add("HEAD");
    }
    return String.join(", ", all);
  }

  private void unexpected(Exchange exchange, Exception e) {
    LOG.log(
        Level.ERROR,
        "request.failed id="
            + exchange.id()
            + " method="
            + exchange.method()
            + " path="
            + exchange.rawPath(),
        e);
    fail(exchange, 500, Map.of(), errors.of(500, "Internal Server Error"));
  }

  private void fail(Exchange exchange, int status, Map<String, String> headers, ObjectNode body) {
    if (exchange.streaming() || exchange.response().isSent()) {
      // Too late for a status: an aborted body is what tells the client.
      throw new CloseConnectionException("the answer was already under way");
    }
    headers.forEach(exchange::header);
    boolean last = status == 413 || !exchange.bodyIsDroppable();
    if (last) {
      exchange.header("Connection", "close");
    }
    exchange.send(status, "application/json", Json.writeBytes(body));
    if (last) {
      // What is not read of the body can't be told from a next request.
      throw new CloseConnectionException("the body's end is not waited for");
    }
  }

  private static CloseConnectionException gone(Exception e) {
    // The thread goes on to close the connection, which an interrupt would disturb.
    Thread.interrupted();
    return new CloseConnectionException("client gone", e);
  }

  private static void log(Exchange exchange, long start, boolean cut) {
    if (ACCESS.isLoggable(Level.DEBUG)) {
      ACCESS.log(
          Level.DEBUG,
          "request.served id={0} method={1} path={2} status={3} ms={4} cut={5}",
          exchange.id(),
          exchange.method(),
          exchange.rawPath(),
          String.valueOf(exchange.response().status().code()),
          String.valueOf((System.nanoTime() - start) / 1_000_000),
          cut);
    }
  }

  private record Route(String pattern, PathPattern path, Map<String, RouteHandler> handlers) {}
}
