package ai.liberclaw.agent.workspace;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import io.helidon.http.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code GET} and {@code HEAD /files/{path}}: a file of the workspace, or a range of it. */
public final class FileRoutes {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Workspace workspace;

  public FileRoutes(Workspace workspace) {
    this.workspace = workspace;
  }

  public void register(Router router) {
    router.get("/files/{path...}", this::download);
  }

  private void download(Exchange exchange) throws IOException {
    send(exchange, exchange.path("path"));
  }

  /**
   * Answers with a file of the workspace or the range of it that was asked for.
   *
   * @throws Refusal 403 when it is not to be had
   */
  public void send(Exchange exchange, String path) throws IOException {
    try (OpenFile file = workspace.open(path)) {
      send(exchange, file);
    } catch (WorkspaceRefusal e) {
      throw new Refusal(403, e.text());
    }
  }

  private static void send(Exchange exchange, OpenFile file) throws IOException {
    long size = file.channel().size();
    String tag = tag(file.attributes(), size);
    String modified = HTTP_DATE.format(modified(file.attributes()));
    Optional<ByteRange> range = range(exchange, size, tag, modified);
    exchange
        .header("ETag", tag)
        .header("Last-Modified", modified)
        .header("Accept-Ranges", "bytes")
        .header("X-Content-Type-Options", "nosniff");
    if (exchange.requestHeader("If-None-Match").filter(known -> lists(known, tag)).isPresent()) {
      exchange.response().status(Status.NOT_MODIFIED_304).send();
      return;
    }
    ByteRange part = range.orElse(new ByteRange(0, size));
    if (range.isPresent()) {
      exchange.response().status(Status.PARTIAL_CONTENT_206);
      exchange.header(
          "Content-Range",
          "bytes " + part.first() + "-" + (part.first() + part.length() - 1) + "/" + size);
    }
    exchange
        .header("Content-Type", ContentTypes.of(file.name()))
        .header("Content-Disposition", disposition(file.name()))
        .header("Content-Length", Long.toString(part.length()));
    if (exchange.method().equals("HEAD") || part.length() == 0) {
      exchange.response().send();
      return;
    }
    try (OutputStream out = exchange.stream(ContentTypes.of(file.name()))) {
      copy(file, part, out);
    }
  }

  private static Optional<ByteRange> range(
      Exchange exchange, long size, String tag, String modified) {
    Optional<String> header = exchange.requestHeader("Range");
    Optional<String> condition = exchange.requestHeader("If-Range");
    if (header.isEmpty()
        || condition.filter(c -> !c.equals(tag) && !c.equals(modified)).isPresent()) {
      return Optional.empty();
    }
    try {
      return ByteRange.parse(header.get(), size);
    } catch (ByteRange.Unsatisfiable _) {
      throw new Refusal(416, "Range not satisfiable", Map.of("Content-Range", "bytes */" + size));
    }
  }

  private static void copy(OpenFile file, ByteRange part, OutputStream out) throws IOException {
    file.channel().position(part.first());
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long left = part.length();
    while (left > 0) {
      buffer.clear().limit((int) Math.min(BUFFER_BYTES, left));
      int count = file.channel().read(buffer);
      if (count < 0) {
        throw new IOException("the file became shorter while it was sent");
      }
      out.write(buffer.array(), 0, count);
      left -= count;
    }
  }

  private static Instant modified(BasicFileAttributes attributes) {
    return attributes.lastModifiedTime().toInstant();
  }

  /** Changes with every replacement of the file, and with every write that changes its time. */
  private static String tag(BasicFileAttributes attributes, long size) {
    int identity = String.valueOf(attributes.fileKey()).hashCode();
    return "\""
        + Long.toHexString(modified(attributes).toEpochMilli())
        + "-"
        + Long.toHexString(size)
        + "-"
        + Integer.toHexString(identity)
        + "\"";
  }

  private static boolean lists(String header, String tag) {
    return Arrays.stream(header.split(",", -1))
        .map(String::strip)
        .anyMatch(t -> t.equals("*") || t.equals(tag) || t.equals("W/" + tag));
  }

  /** RFC 6266; a name that needs quoting goes in the form of RFC 5987. */
  private static String disposition(String name) {
    String encoded =
        URLEncoder.encode(name, StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("*", "%2A")
            .replace("%7E", "~");
    return encoded.equals(name)
        ? "attachment; filename=\"" + name + "\""
        : "attachment; filename*=utf-8''" + encoded;
  }
}
