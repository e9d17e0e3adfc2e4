package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.http.HostResolver;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.deploy.aleph.AlephException.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests to the network's hosts. Names in the public list of nodes are anybody's, so only public
 * addresses over TLS are asked, but for hosts the operator named. Every request has a deadline, and
 * a host gets few at a time. Safe for any number of threads; blocks, and is interruptible.
 */
public final class AlephHttp {
  /** Requests one host gets from this server at a time. */
  static final int PER_HOST_MAX = 4;

  /** Bytes an answer may have; the list of all nodes has about two million. */
  static final long ANSWER_BYTES_MAX = 16L * 1024 * 1024;

  /** Tries of a request that may be repeated, while the host has too much to do. */
  private static final int TRIES_MAX = 4;

  private static final Set<Integer> GATEWAY = Set.of(502, 503, 504);
  private static final Pattern WAIT = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|s)");
  private static final Duration WAIT_DEFAULT = Duration.ofSeconds(1);

  private final GuardedClient client;
  private final AddressPolicy policy;
  private final Backoff backoff;
  private final Map<String, Semaphore> hosts = new ConcurrentHashMap<>();

  /**
   * An answer, whatever its status.
   *
   * @param json missing when the body is not JSON
   */
  public record Answer(int status, JsonNode json, String text) {
    public boolean ok() {
      return status == 200;
    }
  }

  /**
   * @param namedHosts of the operator, {@code host} or {@code host:port}: asked wherever they are
   */
  public AlephHttp(Collection<String> namedHosts) {
    this(namedHosts, new Backoff(Duration.ofMillis(500), Duration.ofSeconds(8), 0.5));
  }

  AlephHttp(Collection<String> namedHosts, Backoff backoff) {
    this.policy = new AddressPolicy(namedHosts);
    this.client = new GuardedClient(policy, HostResolver.system());
    this.backoff = backoff;
  }

  /** A GET, repeated while the host says that it is busy. */
  public Answer get(String url, Duration deadline) throws AlephException, InterruptedException {
    return send(url, Optional.empty(), Map.of(), deadline, true);
  }

  /** A GET, once: only 429 means that the host is busy. */
  public Answer ask(String url, Duration deadline) throws AlephException, InterruptedException {
    return send(url, Optional.empty(), Map.of(), deadline, false);
  }

  /**
   * A POST of JSON.
   *
   * @param repeatable whether 502, 503 and 504 mean a busy proxy, after which the same may be sent
   *     again; else they are answers
   */
  public Answer post(
      String url, String json, Map<String, String> headers, Duration deadline, boolean repeatable)
      throws AlephException, InterruptedException {
    return send(url, Optional.of(json), headers, deadline, repeatable);
  }

  /** Whether this host may be asked, or connected to, at any address. */
  public boolean named(String host, int port) {
    return policy.exempt(host, port);
  }

  private Answer send(
      String url,
      Optional<String> body,
      Map<String, String> headers,
      Duration deadline,
      boolean repeatable)
      throws AlephException, InterruptedException {
    String host = permitted(url);
    long end = System.nanoTime() + deadline.toNanos();
    Semaphore places = hosts.computeIfAbsent(host, _ -> new Semaphore(PER_HOST_MAX));
    if (!places.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AlephException(Kind.BUSY, "too many requests to one host wait here", null);
    }
    try {
      for (int tries = 1; ; tries++) {
        Answered answered = exchange(url, body, headers, remaining(end));
        Answer answer = answered.answer();
        boolean busy = answer.status() == 429 || (repeatable && GATEWAY.contains(answer.status()));
        if (!busy) {
          return answer;
        }
        Duration pause = answer.status() == 429 ? answered.pause() : backoff.delay(tries);
        if (tries == TRIES_MAX || pause.compareTo(remaining(end)) >= 0) {
          throw new AlephException(Kind.BUSY, "busy, status " + answer.status(), null);
        }
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      }
    } finally {
      places.release();
    }
  }

  private record Answered(Answer answer, Duration pause) {}

  private Answered exchange(
      String url, Optional<String> body, Map<String, String> headers, Duration deadline)
      throws AlephException, InterruptedException {
    GuardedClient.Limits limits = new GuardedClient.Limits(deadline, ANSWER_BYTES_MAX, 0);
    Map<String, String> sent = new HashMap<>(headers);
    sent.put("User-Agent", "liberclaw");
    sent.put("Accept", "application/json");
    try {
      GuardedResponse response;
      if (body.isPresent()) {
        sent.put("Content-Type", "application/json");
        response = client.post(url, sent, body.get().getBytes(StandardCharsets.UTF_8), limits);
      } else {
        response = client.get(url, sent, limits);
      }
      try (response) {
        byte[] bytes = response.bytes();
        Answer answer =
            new Answer(response.status(), json(bytes), new String(bytes, StandardCharsets.UTF_8));
        return new Answered(answer, pause(response));
      }
    } catch (FetchException e) {
      throw switch (e.reason()) {
        case BAD_URL, BLOCKED -> new AlephException(Kind.REFUSED, "not a public address", e);
        case DEADLINE -> new AlephException(Kind.TIMEOUT, "no answer in time", e);
        case UNREACHABLE, TLS -> new AlephException(Kind.UNREACHABLE, "not reachable", e);
        case PROTOCOL, TOO_MANY_REDIRECTS, TOO_LARGE ->
            new AlephException(Kind.MALFORMED, "not an answer of the protocol", e);
      };
    } catch (IOException e) {
      throw new AlephException(Kind.UNREACHABLE, "the connection broke", e);
    }
  }

  /** The host and port, once it is sure that they may be asked. */
  private String permitted(String url) throws AlephException {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new AlephException(Kind.REFUSED, "not an address", e);
    }
    String host = uri.getHost();
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    if (host == null || uri.getUserInfo() != null) {
      throw new AlephException(Kind.REFUSED, "not an address", null);
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    if (!secure && !policy.exempt(host.replaceAll("[\\[\\]]", ""), port)) {
      throw new AlephException(Kind.REFUSED, "an address without TLS", null);
    }
    return host + ":" + port;
  }

  private static Duration remaining(long end) throws AlephException {
    long nanos = end - System.nanoTime();
    if (nanos <= 0) {
      throw new AlephException(Kind.TIMEOUT, "no answer in time", null);
    }
    return Duration.ofNanos(nanos);
  }

  private static JsonNode json(byte[] body) {
    try {
      return Json.parse(body);
    } catch (JsonException _) {
      // Some answers are plain text.
      return MissingNode.getInstance();
    }
  }

  /** How long a host that is busy wants to be left alone: {@code 105.8ms}, {@code 2s}. */
  private static Duration pause(GuardedResponse response) {
    Matcher own = WAIT.matcher(response.header("x-retry-in").orElse("").strip());
    if (own.matches()) {
      double millis = Double.parseDouble(own.group(1)) * (own.group(2).equals("s") ? 1000 : 1);
      return Duration.ofMillis((long) Math.ceil(millis));
    }
    String seconds = response.header("Retry-After").orElse("").strip();
    return seconds.matches("[0-9]{1,9}")
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : WAIT_DEFAULT;
  }
}
