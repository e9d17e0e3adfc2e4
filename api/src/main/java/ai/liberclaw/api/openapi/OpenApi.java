package ai.liberclaw.api.openapi;

import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The OpenAPI 3.1 document, written by hand; a test holds it against the routes. */
public final class OpenApi {
  /** Where it is served. */
  public static final String PATH = "/openapi.json";

  private static final String RESOURCE = "openapi.json";
  private static final String TYPE = "application/json";

  private OpenApi() {}

  /** The document as it is served. */
  public static byte[] document() {
    try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + RESOURCE + " is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Serves it to everybody. */
  public static void addTo(Router router) {
    byte[] document = document();
    router.get(PATH, exchange -> exchange.send(200, TYPE, document));
  }
}
