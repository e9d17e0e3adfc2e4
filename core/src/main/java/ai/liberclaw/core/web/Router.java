package ai.liberclaw.core.web;

import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.sse.SseWatch;
import ai.liberclaw.core.watch.WaitTimeouts;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * All routes of a server. Paths are matched in the order they were added. A known path with another
 * method is 405 with {@code Allow}; HEAD runs the GET route and sends no body, unless the route
 * says otherwise.
 *
 * <p>A {@link Refusal} is answered with its status, an {@link Invalid} with 422, what is {@link
 * #excuse excused} as a refusal, and everything else with 500, an id in {@code X-Request-Id} and
 * the cause in the log alone.
 */
public final class Router implements Handler {
  /** What is said about a path that no route matches. */
  public static final String NOT_FOUND = "Not Found";

  private static final Logger LOG = System.getLogger(Router.class.getName());
  private static final String REQUEST_ID = "X-Request-Id";
  private static final Pattern SANE_ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  /** What no client waits for any more, as proxies write it down. */
  private static final int CLIENT_LEFT = 499;

  private final WaitTimeouts bodies = new WaitTimeouts("body-timeouts");
  private final SseWatch streams = new SseWatch();
  private final HangUps hangUps = new HangUps();
  private final List<Route> routes = new ArrayList<>();
  private final Set<PathPattern> headless = new HashSet<>();
  private final List<Before> befores = new ArrayList<>();
  private final List<Observer> observers = new ArrayList<>();
  private final ErrorBody errors;
  private final Map<String, ErrorBody> errorsBelow = new LinkedHashMap<>();
  private Predicate<String> idPeers = _ -> false;
  private Function<String, Map<String, String>> earlyHeaders = _ -> Map.of();
  private Function<Exception, Optional<Refusal>> excuses = _ -> Optional.empty();
  private Optional<RouteHandler> otherwise = Optional.empty();

  public Router(ErrorBody errors) {
    this.errors = errors;
  }

  /** Runs before every route and before the 404 of an unknown path, in the order of adding. */
  public Router before(Before before) {
    befores.add(before);
    return this;
  }

  /** Is told of every request from now on. */
  public Router observe(Observer observer) {
    observers.add(observer);
    return this;
  }

  /**
   * Believes the {@code X-Request-Id} that these peers send, when it is a plain word of at most 64
   * characters; without this every request gets an id made here.
   */
  public Router idsFrom(Predicate<String> peers) {
    idPeers = peers;
    return this;
  }

  /**
   * Headers, by the origin a browser names, of answers to requests that fail before they reach this
   * router.
   */
  public Router earlyHeaders(Function<String, Map<String, String>> headers) {
    earlyHeaders = headers;
    return this;
  }

  /** Says what is refused, instead of a 500, where a failure is no fault of the server's. */
  public Router excuse(Function<Exception, Optional<Refusal>> refusals) {
    excuses = refusals;
    return this;
  }

  /**
   * Words errors in another way at and below a path, for clients that expect somebody else's API.
   */
  public Router errorsBelow(String path, ErrorBody body) {
    errorsBelow.put(path, body);
    return this;
  }

  /** Answers the GETs and HEADs whose path no route knows; it refuses with 404 what it lacks. */
  public Router otherwise(RouteHandler handler) {
    otherwise = Optional.of(handler);
    return this;
  }

  public Router get(String pattern, RouteHandler handler) {
    return route("GET", pattern, handler);
  }

  /** A GET that changes something, or whose answer has no end: HEAD is 405 there. */
  public Router getWithoutHead(String pattern, RouteHandler handler) {
    headless.add(PathPattern.of(pattern));
    return get(pattern, handler);
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
    String id = id(request.remotePeer().host(), request.headers());
    response.header(HeaderNames.create(REQUEST_ID), id);
    long start = System.nanoTime();
    Exchange exchange =
        new Exchange(request, response, id, this::streaming, bodies, streams, hangUps);
    boolean cut = false;
    try {
      answer(exchange);
    } catch (CloseConnectionException e) {
      cut = exchange.streaming() || !response.isSent();
      throw e;
    } finally {
      if (!observers.isEmpty()) {
        tell(exchange, start, cut);
      }
    }
  }

  private void streaming(Exchange exchange) {
    for (Observer observer : observers) {
      observer.streaming(exchange);
    }
  }

  private void tell(Exchange exchange, long start, boolean cut) {
    ServerResponse response = exchange.response();
    int status = cut && !exchange.streaming() ? CLIENT_LEFT : response.status().code();
    Observer.Served served =
        new Observer.Served(status, response.bytesWritten(), System.nanoTime() - start, cut);
    for (Observer observer : observers) {
      observer.served(exchange, served);
    }
  }

  /** The headers of an answer to a request that failed before it came here. */
  Map<String, String> refuseEarly(
      String method, String path, ServerRequestHeaders headers, int status) {
    Map<String, String> answer = new LinkedHashMap<>();
    headers
        .first(HeaderNames.ORIGIN)
        .ifPresent(origin -> answer.putAll(earlyHeaders.apply(origin)));
    String id = ErrorId.next();
    answer.put(REQUEST_ID, id);
    for (Observer observer : observers) {
      observer.refusedEarly(id, method, path.split("\\?", 2)[0], status);
    }
    return answer;
  }

  private String id(String peer, ServerRequestHeaders headers) {
    Optional<String> given = headers.first(HeaderNames.create(REQUEST_ID));
    boolean believed =
        given.isPresent() && SANE_ID.matcher(given.get()).matches() && idPeers.test(peer);
    return believed ? given.get() : ErrorId.next();
  }

  private void answer(Exchange exchange) {
    if (!exchange.framed()) {
      exchange.requestHeader("Origin").map(earlyHeaders).orElse(Map.of()).forEach(exchange::header);
      fail(exchange, 400, Map.of(), errors(exchange).of(400, "Bad Request"));
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
      fail(exchange, e.status(), e.headers(), errors(exchange).of(e.status(), e.text()));
    } catch (Invalid e) {
      fail(exchange, 422, Map.of(), e.body());
    } catch (CloseConnectionException e) {
      // Also what a lost connection shows itself as.
      throw e;
    } catch (InterruptedException e) {
      throw gone(e);
    } catch (RequestException e) {
      fail(exchange, 400, Map.of(), errors(exchange).of(400, "Bad Request"));
    } catch (IOException | UncheckedIOException e) {
      // A client that left is no news; a failing disk or upstream is.
      if (exchange.streaming() || Thread.interrupted()) {
        throw gone(e);
      }
      unexpected(exchange, e);
    } catch (Exception e) {
      Optional<Refusal> refusal = excuses.apply(e);
      if (refusal.isPresent()) {
        Refusal told = refusal.get();
        fail(
            exchange,
            told.status(),
            told.headers(),
            errors(exchange).of(told.status(), told.text()));
      } else {
        unexpected(exchange, e);
      }
    }
  }

  private void dispatch(Exchange exchange) throws Exception {
    String rawPath = exchange.rawPath();
    String method = exchange.method();
    boolean head = method.equals("HEAD");
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      Optional<Map<String, String>> values = route.path.match(rawPath);
      if (values.isEmpty()) {
        continue;
      }
      boolean takesHead = route.handlers.containsKey("GET") && !headless.contains(route.path);
      RouteHandler handler = route.handlers.get(head ? "GET" : method);
      if (handler != null && (!head || takesHead)) {
        exchange.matched(route.pattern, values.get());
        handler.handle(exchange);
        return;
      }
      allowed.addAll(route.handlers.keySet());
      if (takesHead) {
        allowed.add("HEAD");
      }
    }
    if (allowed.isEmpty()) {
      if (otherwise.isPresent() && (head || method.equals("GET"))) {
        otherwise.get().handle(exchange);
        return;
      }
      throw new Refusal(404, NOT_FOUND);
    }
    throw new Refusal(405, "Method Not Allowed", Map.of("Allow", String.join(", ", allowed)));
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
    fail(exchange, 500, Map.of(), errors(exchange).of(500, "Internal Server Error"));
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

  private ErrorBody errors(Exchange exchange) {
    for (Map.Entry<String, ErrorBody> entry : errorsBelow.entrySet()) {
      String path = entry.getKey();
      String raw = exchange.rawPath();
      if (raw.startsWith(path)
          && (raw.length() == path.length() || raw.charAt(path.length()) == '/')) {
        return entry.getValue();
      }
    }
    return errors;
  }

  private static CloseConnectionException gone(Exception e) {
    // The thread goes on to close the connection, which an interrupt would disturb.
    Thread.interrupted();
    return new CloseConnectionException("client gone", e);
  }

  private record Route(String pattern, PathPattern path, Map<String, RouteHandler> handlers) {}
}
