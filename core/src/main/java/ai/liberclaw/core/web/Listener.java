package ai.liberclaw.core.web;

import ai.liberclaw.core.json.Json;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A Helidon server set up the way every server of the product needs it. */
public final class Listener {
  private static final int KIB = 1024;
  private static final int HEADERS_KIB_MAX = 32;
  private static final int REQUEST_LINE_KIB_MAX = 8;
  private static final int CONNECTIONS_MAX = 20_000;

  /** What Helidon says of a header block over the limit, which is 400 to it like all the rest. */
  private static final String HEADERS_TOO_LARGE = "Header size exceeded";

  private static final Status HEADERS_TOO_LARGE_431 =
      Status.create(431, "Request Header Fields Too Large");

  private Listener() {}

  /**
   * Not started yet; more may be set on it.
   *
   * @param port 0 takes any free port
   * @param payloadBytesMax the largest body any route takes
   * @param grace how long open requests may go on after a stop, before they are cut
   */
  public static WebServerConfig.Builder of(
      String host,
      int port,
      long payloadBytesMax,
      Duration grace,
      Router router,
      ErrorBody errors) {
    DirectHandler direct =
        (request, type, status, headers, message) -> {
          Status shown = shown(status, message);
          DirectHandler.TransportResponse.Builder answer =
              DirectHandler.TransportResponse.builder()
                  .status(shown)
                  .header(HeaderNames.CONTENT_TYPE, MediaTypes.APPLICATION_JSON.text())
                  .entity(Json.writeBytes(errors.of(shown.code(), words(shown))))
                  .keepAlive(false);
          router
              .refuseEarly(request.method(), request.path(), request.headers(), shown.code())
              .forEach((name, value) -> answer.header(HeaderNames.create(name), value));
          return answer.build();
        };
    // Else a small event waits until the one before it has been acknowledged (RFC 896).
    AcceptedSockets sockets = new AcceptedSockets(SocketOptions.builder().tcpNoDelay(true).build());
    WebServerConfig.Builder server =
        WebServer.builder()
            .host(host)
            .port(port)
            // Else observability routes appear on the public listener by themselves.
            .featuresDiscoverServices(false)
            // With it, a write that the socket takes only in part loses the rest (fixed in 4.4.1).
            .useNio(false)
            .connectionOptions(sockets)
            .maxPayloadSize(payloadBytesMax)
            .maxTcpConnections(CONNECTIONS_MAX)
            .shutdownGracePeriod(grace)
            .shutdownHook(false)
            // Else the direct handler is told no message.
            .errorHandling(ErrorHandling.builder().includeEntity(true).build())
            .addConnectionSelector(
                sockets.with(
                    Http1ConnectionSelector.builder()
                        .config(
                            Http1Config.builder()
                                .maxHeadersSize(HEADERS_KIB_MAX * KIB)
                                .maxPrologueLength(REQUEST_LINE_KIB_MAX * KIB)
                                .build())
                        .build()))
            .routing(routing -> routing.any(router));
    // All at once: each call of directHandlers begins with none.
    server.directHandlers(handlers -> {
      for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
        handlers.addHandler(type, direct);
      }
    });
    return server;
  }

  private static Status shown(Status status, @Nullable String message) {
    if (HEADERS_TOO_LARGE.equals(message)) {
      return HEADERS_TOO_LARGE_431;
    }
    return status.code() == 0 ? Status.INTERNAL_SERVER_ERROR_500 : status;
  }

  /** By the status alone: a message may be an exception's own text. */
  private static String words(Status status) {
    return switch (status.code()) {
      case 413 -> "Request body too large";
      case 414 -> "Request line too long: at most " + REQUEST_LINE_KIB_MAX + " KiB";
      case 431 -> "Request headers too large: at most " + HEADERS_KIB_MAX + " KiB";
      default -> status.reasonPhrase();
    };
  }
}
