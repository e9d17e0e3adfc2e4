package ai.liberclaw.api.webapp;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Serves a static web build at {@code /}, outside {@code /api/}. A page that is no file is {@code
 * index.html}, which finds its way by itself. The files are listed once, at the start: no path of a
 * request ever reaches the file system, and another build is seen after a restart.
 */
public final class WebApp {
  private static final Logger LOG = System.getLogger(WebApp.class.getName());
  private static final String INDEX = "index.html";
  private static final String API = "/api/";
  private static final int WHOLE_BYTES_MAX = 1 << 20;

  private final Map<String, WebFile> files;

  private WebApp(Map<String, WebFile> files) {
    this.files = Map.copyOf(files);
  }

  /**
   * Reads a build. Links and hidden files are left out, {@code .well-known} excepted.
   *
   * @throws IOException when it cannot be read or has no {@code index.html}
   */
  public static WebApp of(Path directory) throws IOException {
    Path root = directory.toRealPath();
    Map<String, WebFile> files = new HashMap<>();
    try (Stream<Path> found = Files.walk(root)) {
      for (Path path : found.toList()) {
        Path name = root.relativize(path);
        if (Files.isRegularFile(path, java.nio.file.LinkOption.NOFOLLOW_LINKS) && !hidden(name)) {
          files.put(
              name.toString().replace(path.getFileSystem().getSeparator(), "/"),
              WebFile.read(path));
        }
      }
    }
    if (!files.containsKey(INDEX)) {
      throw new NoSuchFileException(root.resolve(INDEX).toString());
    }
    LOG.log(Level.INFO, "web.served files=" + files.size());
    return new WebApp(files);
  }

  private static boolean hidden(Path name) {
    for (Path part : name) {
      String text = part.toString();
      if (text.startsWith(".") && !text.equals(".well-known")) {
        return true;
      }
    }
    return false;
  }

  /** Answers what no route of the API does. */
  public void addTo(Router router) {
    router.otherwise(this::serve);
  }

  private void serve(Exchange exchange) throws IOException {
    String path = Exchange.decode(exchange.rawPath());
    if ((path + "/").startsWith(API)) {
      throw notFound();
    }
    WebFile file = find(path.substring(1)).orElseThrow(WebApp::notFound);
    exchange
        .header("ETag", file.etag())
        .header("Cache-Control", file.cacheControl())
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        // Sign-ins pass tokens in the address of a page.
        .header("Referrer-Policy", "no-referrer");
    if (exchange.requestHeader("If-None-Match").filter(tags -> matches(tags, file)).isPresent()) {
      exchange.sendNotModified();
      return;
    }
    send(exchange, file);
  }

  /** A file, a page written without its ending, or the index; a missing file is none of these. */
  private Optional<WebFile> find(String name) {
    String page = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    for (String candidate :
        List.of(name, page + ".html", page.isEmpty() ? INDEX : page + "/" + INDEX)) {
      WebFile file = files.get(candidate);
      if (file != null) {
        return Optional.of(file);
      }
    }
    boolean isPage = page.indexOf('.', page.lastIndexOf('/') + 1) < 0;
    return isPage ? Optional.ofNullable(files.get(INDEX)) : Optional.empty();
  }

  private static boolean matches(String tags, WebFile file) {
    for (String tag : tags.split(",", -1)) {
      String plain = tag.strip();
      if (plain.equals("*") || plain.replaceFirst("^W/", "").equals(file.etag())) {
        return true;
      }
    }
    return false;
  }

  private static void send(Exchange exchange, WebFile file) throws IOException {
    if (exchange.method().equals("HEAD")) {
      exchange.sendHead(200, file.contentType(), file.size());
      return;
    }
    if (file.size() <= WHOLE_BYTES_MAX) {
      exchange.send(200, file.contentType(), Files.readAllBytes(file.path()));
      return;
    }
    exchange.header("Content-Length", Long.toString(file.size()));
    try (OutputStream out = exchange.stream(file.contentType())) {
      Files.copy(file.path(), out);
    }
  }

  private static Refusal notFound() {
    return new Refusal(404, Router.NOT_FOUND);
  }
}
