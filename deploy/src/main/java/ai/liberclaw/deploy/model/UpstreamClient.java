package ai.liberclaw.deploy.model;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.HostResolver;
import ai.liberclaw.deploy.http.StreamTimeouts;
import ai.liberclaw.deploy.model.UpstreamException.Kind;
import ai.liberclaw.deploy.model.UpstreamKind.Api;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.Proxy;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks model services. Of what a caller sent only the body goes out, with the headers the service
 * needs; and only to the address that its name was checked for: a public one, unless the operator
 * exempted the host.
 */
public final class UpstreamClient implements AutoCloseable {
  private static final String ANTHROPIC_VERSION = "2023-06-01";
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  private final AddressPolicy policy;
  private final HostResolver resolver;
  private final Optional<DemoModel> demo;
  private final Map<String, WebClient> clients = new HashMap<>();

  /**
   * @param upstreams all that will be asked
   * @param allowHosts exempt from the rules for addresses
   * @param demo answers for those of kind {@link UpstreamKind#OFFLINE}
   */
  public UpstreamClient(
      List<Upstream> upstreams, List<String> allowHosts, Optional<DemoModel> demo) {
    this.policy = new AddressPolicy(allowHosts);
    this.resolver = HostResolver.system();
    this.demo = demo;
    for (Upstream upstream : upstreams) {
      clients.put(
          upstream.name(),
          WebClient.builder()
              .followRedirects(false)
              .connectTimeout(upstream.times().connect())
              .readTimeout(upstream.times().silence())
              .keepAlive(true)
              .socketOptions(options -> options.tcpNoDelay(true))
              .shareConnectionCache(false)
              .sendExpectContinue(false)
              .servicesDiscoverServices(false)
              .addService(new StreamTimeouts("model-silence", upstream.times().silence()))
              .proxy(Proxy.noProxy())
              .build());
    }
  }

  /**
   * Sends a request and waits for the head of its answer, whatever its status.
   *
   * @param key absent for a service that needs none
   */
  public UpstreamAnswer ask(Upstream upstream, Api api, Optional<String> key, byte[] body)
      throws UpstreamException {
    if (upstream.kind() == UpstreamKind.OFFLINE) {
      return demo.map(model -> model.answer(body))
          .orElseThrow(() -> new UpstreamException(Kind.UNREACHABLE, "no demo model here", null));
    }
    WebClient client = clients.get(upstream.name());
    if (client == null) {
      throw new IllegalArgumentException("unknown service " + upstream.name());
    }
    try {
      URI uri = URI.create(upstream.baseUrl() + path(upstream.kind(), api));
      HttpClientRequest request =
          client
              .post()
              .uri(uri)
              .header(HeaderNames.CONTENT_TYPE, "application/json")
              .header(HeaderNames.ACCEPT, "text/event-stream, application/json");
      checkedAddress(upstream.baseUrl()).ifPresent(request::address);
      key.ifPresent(secret -> authorize(request, upstream.kind(), secret));
      return answer(request.submit(body));
    } catch (IOException | RuntimeException e) {
      throw failure(e);
    }
  }

  private static UpstreamAnswer answer(HttpClientResponse response) {
    String type = response.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    return new UpstreamAnswer(
        response.status().code(),
        type,
        response.headers().first(HeaderNames.RETRY_AFTER),
        response.inputStream(),
        () -> close(response));
  }

  private static void close(HttpClientResponse response) {
    try {
      response.close();
    } catch (RuntimeException _) {
      // A connection that is broken already can't be closed worse.
    }
  }

  private static String path(UpstreamKind kind, Api api) {
    String path =
        switch (api) {
          case CHAT -> "/chat/completions";
          case EMBEDDINGS -> "/embeddings";
          case PICTURES -> "/images/generations";
          case MESSAGES -> "/v1/messages";
        };
    return kind == UpstreamKind.OLLAMA ? "/v1" + path : path;
  }

  private static void authorize(HttpClientRequest request, UpstreamKind kind, String key) {
    if (kind == UpstreamKind.ANTHROPIC) {
      request.header(HeaderNames.create("x-api-key"), key);
      request.header(HeaderNames.create("anthropic-version"), ANTHROPIC_VERSION);
    } else {
      request.header(HeaderNames.AUTHORIZATION, "Bearer " + key);
    }
  }

  /** Empty where the address itself says it exactly: loopback over http, which was allowed. */
  private Optional<SocketAddress> checkedAddress(URI base) throws IOException {
    boolean secure = "https".equalsIgnoreCase(base.getScheme());
    int port = base.getPort() >= 0 ? base.getPort() : secure ? HTTPS_PORT : HTTP_PORT;
    if (!secure || policy.exempt(base.getHost(), port)) {
      return Optional.empty();
    }
    List<InetAddress> addresses = resolver.resolve(base.getHost());
    if (addresses.isEmpty() || addresses.stream().anyMatch(policy::blocked)) {
      throw new UnknownHostException("not a public address");
    }
    return Optional.of(new InetSocketAddress(addresses.getFirst(), port));
  }

  /** What a failure of the connection means, also one of reading an answer's body. */
  public static UpstreamException failure(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ConnectException _,
            NoRouteToHostException _,
            UnknownHostException _,
            SSLException _ -> {
          return new UpstreamException(Kind.UNREACHABLE, "no connection", failure);
        }
        case SocketTimeoutException timeout -> {
          return String.valueOf(timeout.getMessage()).contains("onnect")
              ? new UpstreamException(Kind.UNREACHABLE, "no connection in time", failure)
              : new UpstreamException(Kind.SILENT, "silent for too long", failure);
        }
        default -> {
          // Look further down.
        }
      }
    }
    return new UpstreamException(Kind.LOST, "connection lost", failure);
  }

  /** Closes idle connections. */
  @Override
  public void close() {
    clients.values().forEach(WebClient::closeResource);
  }
}
