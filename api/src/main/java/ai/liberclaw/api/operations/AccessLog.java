package ai.liberclaw.api.operations;

import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Observer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Function;

/**
 * One line per request. A path is shown as its route's pattern, an unknown one as it was sent but
 * without its query; headers, tokens and bodies are never shown.
 */
final class AccessLog implements Observer {
  private static final int PATH_LENGTH_MAX = 200;
  private static final int METHOD_LENGTH_MAX = 16;
  private static final String NOTHING = "-";

  private final Logger log = System.getLogger("ai.liberclaw.access");
  private final Function<Exchange, String> client;

  /**
   * @param client names the address that a request came from, cut to a network where that is a
   *     customer
   */
  AccessLog(Function<Exchange, String> client) {
    this.client = client;
  }

  @Override
  public void served(Exchange exchange, Served served) {
    log.log(
        Level.INFO,
        line(
            exchange.id(),
            exchange.method(),
            exchange.pattern().orElseGet(exchange::rawPath),
            served,
            client.apply(exchange)));
  }

  @Override
  public void refusedEarly(String id, String method, String path, int status) {
    log.log(Level.INFO, line(id, method, path, new Served(status, 0, 0, false), NOTHING));
  }

  private static String line(String id, String method, String path, Served served, String client) {
    return "request.served id="
        + id
        + " method="
        + plain(method, METHOD_LENGTH_MAX)
        + " path="
        + plain(path, PATH_LENGTH_MAX)
        + " status="
        + served.status()
        + " ms="
        + served.nanos() / 1_000_000
        + " bytes="
        + served.bytes()
        + " client="
        + client
        + (served.cut() ? " cut=true" : "");
  }

  /** One word, whatever a client sends. */
  private static String plain(String text, int max) {
    if (text.isEmpty()) {
      return NOTHING;
    }
    StringBuilder word = new StringBuilder(Math.min(text.length(), max));
    for (int i = 0; i < text.length() && i < max; i++) {
      char c = text.charAt(i);
      word.append(c > ' ' && c < 0x7f ? c : '?');
    }
    return word.toString();
  }
}
