package ai.liberclaw.agent.mcp;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientRequest;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The headers of a request: the owner's, and over them those of the protocol. */
final class HttpHeaders {
  static final String SESSION = "Mcp-Session-Id";
  static final String VERSION = "MCP-Protocol-Version";
  static final String ACCEPTED = "application/json, text/event-stream";
  private static final Set<String> OWN =
      Set.of(
          "accept",
          "accept-encoding",
          "connection",
          "content-length",
          "content-type",
          "expect",
          "host",
          "last-event-id",
          "mcp-protocol-version",
          "mcp-session-id",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private final Map<String, String> configured;

  HttpHeaders(Map<String, String> configured) {
    this.configured = Map.copyOf(configured);
  }

  /** Whether the protocol, or HTTP itself, has its own word for this header. */
  static boolean isOwn(String name) {
    return OWN.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Puts them on a request, without those of a session. */
  void addTo(HttpClientRequest request) {
    configured.forEach((name, value) -> {
      if (!isOwn(name)) {
        set(request, name, value);
      }
    });
    set(request, "Accept", ACCEPTED);
    set(request, "Content-Type", "application/json");
  }

  static void set(HttpClientRequest request, String name, String value) {
    HeaderName header = HeaderNames.create(name);
    request.header(header, value);
  }
}
