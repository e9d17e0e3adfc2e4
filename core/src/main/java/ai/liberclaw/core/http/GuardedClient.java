package ai.liberclaw.core.http;

import ai.liberclaw.core.http.FetchException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;

/**
 * Asks web pages whose address a model or a user chose. Every hop's host is looked up once, all its
 * addresses are checked by an {@link AddressPolicy}, and the connection goes to a checked address,
 * whatever the name resolves to a moment later.
 *
 * <p>Meant for virtual threads: interrupting one closes its connection at once. On a platform
 * thread only the deadline ends a silent request.
 */
public final class GuardedClient {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** Headers that tell nothing about the user, and so may follow a redirect to another site. */
  private static final Set<String> FOLLOWING_HEADERS =
      Set.of("accept", "accept-language", "user-agent");

  /**
   * @param deadline for everything from the look-up to the last byte of the body
   * @param bodyBytesMax what a body may have
   * @param redirectsMax hops after the first; 0 follows none, and a redirect is an error then
   */
  public record Limits(Duration deadline, long bodyBytesMax, int redirectsMax) {}

  private final AddressPolicy policy;
  private final HostResolver resolver;
  private final SSLSocketFactory tls;

  public GuardedClient(AddressPolicy policy) {
    this(policy, HostResolver.system());
  }

  public GuardedClient(AddressPolicy policy, HostResolver resolver) {
    this(policy, resolver, (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  GuardedClient(AddressPolicy policy, HostResolver resolver, SSLSocketFactory tls) {
    this.policy = policy;
    this.resolver = resolver;
    this.tls = tls;
  }

  /**
   * Sends a GET and follows redirects. The caller closes the response.
   *
   * @param headers added to the request; only harmless ones go along to another site
   * @return the answer, whatever its status
   */
  public GuardedResponse get(String url, Map<String, String> headers, Limits limits)
      throws FetchException, InterruptedException {
    ExchangeWatch watch = ExchangeWatch.start(limits.deadline());
    boolean open = false;
    try {
      WebAddress address = WebAddress.parse(url);
      Map<String, String> sent = headers;
      for (int redirects = 0; ; redirects++) {
        Http1Response response = exchange(address, sent, Optional.empty(), watch);
        Optional<String> location = redirect(response);
        if (location.isEmpty()) {
          open = true;
          return new GuardedResponse(response, address.toUri(), watch, limits.bodyBytesMax());
        }
        watch.hopEnded();
        if (redirects == limits.redirectsMax()) {
          throw new FetchException(
              Reason.TOO_MANY_REDIRECTS, "more than " + limits.redirectsMax() + " redirects");
        }
        WebAddress next = address.redirect(location.get());
        if (!next.sameOrigin(address)) {
          sent = following(sent);
        }
        address = next;
      }
    } finally {
      if (!open) {
        watch.close();
      }
    }
  }

  /**
   * Sends a POST to one address, and to no other: a redirect is an answer like any other. The
   * caller closes the response.
   *
   * @param headers added to the request, {@code Content-Type} among them
   * @return the answer, whatever its status
   */
  public GuardedResponse post(String url, Map<String, String> headers, byte[] body, Limits limits)
      throws FetchException, InterruptedException {
    ExchangeWatch watch = ExchangeWatch.start(limits.deadline());
    boolean open = false;
    try {
      WebAddress address = WebAddress.parse(url);
      Http1Response response = exchange(address, headers, Optional.of(body), watch);
      open = true;
      return new GuardedResponse(response, address.toUri(), watch, limits.bodyBytesMax());
    } finally {
      if (!open) {
        watch.close();
      }
    }
  }

  private static Optional<String> redirect(Http1Response response) {
    return REDIRECTS.contains(response.status()) ? response.header("Location") : Optional.empty();
  }

  private static Map<String, String> following(Map<String, String> headers) {
    return headers.entrySet().stream()
        .filter(header -> FOLLOWING_HEADERS.contains(header.getKey().toLowerCase(Locale.ROOT)))
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private Http1Response exchange(
      WebAddress address, Map<String, String> headers, Optional<byte[]> body, ExchangeWatch watch)
      throws FetchException, InterruptedException {
    List<InetAddress> checked = checkedAddresses(address, watch);
    for (int i = 0; ; i++) {
      try {
        return Http1Exchange.send(address, checked.get(i), headers, body, tls, watch);
      } catch (IOException e) {
        FetchException failure = watch.explain(e);
        // A host's second address helps when nobody is at the first, not when it answered badly.
        if (failure.reason() != Reason.UNREACHABLE
            || !(e instanceof Http1Exchange.NoConnection)
            || i == checked.size() - 1) {
          throw failure;
        }
      }
    }
  }

  private List<InetAddress> checkedAddresses(WebAddress address, ExchangeWatch watch)
      throws FetchException, InterruptedException {
    List<InetAddress> found =
        address.literal().isPresent()
            ? List.of(address.literal().get())
            : lookUp(address.host(), watch);
    policy.check(address, found);
    return found;
  }

  /** On a thread of its own: the system's look-up can neither be interrupted nor bounded. */
  private List<InetAddress> lookUp(String host, ExchangeWatch watch)
      throws FetchException, InterruptedException {
    FutureTask<List<InetAddress>> task = new FutureTask<>(() -> resolver.resolve(host));
    Thread.ofVirtual().name("fetch-lookup").start(task);
    try {
      List<InetAddress> found = task.get(watch.remaining().toNanos(), TimeUnit.NANOSECONDS);
      if (!found.isEmpty()) {
        return found;
      }
      throw new FetchException(Reason.UNREACHABLE, "unknown host");
    } catch (TimeoutException e) {
      throw watch.explain(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException) {
        throw new FetchException(Reason.UNREACHABLE, "unknown host", e);
      }
      throw new IllegalStateException("look-up failed", e.getCause());
    }
  }
}
