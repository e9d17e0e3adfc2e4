package ai.liberclaw.core.web;

import ai.liberclaw.core.json.Json;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.time.Duration;

/** A Helidon server set up the way every server of the product needs it. */
public final class Listener {
  private static final int HEADERS_BYTES_MAX = 32 * 1024;
  private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;
  private static final int CONNECTIONS_MAX = 20_000;

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
          // The message may be an exception's own text, so only the status is told.
          Status shown = status.code() == 0 ? Status.INTERNAL_SERVER_ERROR_500 : status;
          String reason = shown.code() == 413 ? "Request body too large" : shown.reasonPhrase();
          DirectHandler.TransportResponse.Builder answer =
              DirectHandler.TransportResponse.builder()
                  .status(shown)
                  .header(HeaderNames.CONTENT_TYPE, MediaTypes.APPLICATION_JSON.text())
                  .entity(Json.writeBytes(errors.of(shown.code(), reason)))
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
            .addConnectionSelector(
                sockets.with(
                    Http1ConnectionSelector.builder()
                        .config(
                            Http1Config.builder()
                                .maxHeadersSize(HEADERS_BYTES_MAX)
                                .maxPrologueLength(REQUEST_LINE_BYTES_MAX)
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
}
