package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.image.ImageRefusal;
import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileKind;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jsoup.Jsoup;

/** {@code web_fetch}: a public page or document as text; other content goes into a file. */
public final class WebFetchTool implements Tool {
  static final int TEXT_LENGTH_MAX = 50_000;
  static final int TEXT_BYTES_MAX = 10 << 20;
  static final int DOWNLOAD_BYTES_MAX = 20 << 20;
  private static final int SNIFFED_BYTES = 8 * 1024;
  private static final GuardedClient.Limits LIMITS =
      new GuardedClient.Limits(Duration.ofSeconds(30), DOWNLOAD_BYTES_MAX, 5);
  private static final Map<String, String> HEADERS =
      Map.of(
          "User-Agent", "LiberClaw/1.0",
          "Accept", "text/html,application/json,text/*;q=0.9,*/*;q=0.5");

  private final GuardedClient client;
  private final Downloads downloads;
  private final Results results;

  public WebFetchTool(GuardedClient client, Workspace workspace, Results results) {
    this.client = client;
    this.downloads = new Downloads(workspace);
    this.results = results;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "web_fetch",
            "Fetch a public web page or document by its URL. HTML comes as readable text with"
                + " links, JSON indented; a picture is shown to you; other content is saved to"
                + " downloads/, which keeps the newest files.")
        .required("url", "string", "http:// or https:// URL")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public boolean imageAware() {
    return true;
  }

  @Override
  public boolean boundsResult() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String url = arguments.path("url").asText().strip();
    if (!url.regionMatches(true, 0, "http://", 0, 7)
        && !url.regionMatches(true, 0, "https://", 0, 8)) {
      return ToolResult.error("URL must start with http:// or https://");
    }
    try (GuardedResponse response = client.get(url, HEADERS, LIMITS)) {
      if (response.status() >= 400) {
        return ToolResult.error("HTTP " + response.status());
      }
      ToolResult result = result(response);
      return result.withContent(results.mask(result.content()));
    } catch (FetchException e) {
      return ToolResult.error(String.valueOf(e.getMessage()));
    } catch (InterruptedIOException e) {
      Thread.interrupted();
      throw new InterruptedException();
    }
  }

  private ToolResult result(GuardedResponse response) throws IOException, InterruptedException {
    String type = response.mediaType().orElse("");
    return type.startsWith("image/") && !type.endsWith("+xml")
        ? picture(response, type)
        : ToolResult.text(content(response, type));
  }

  /** A picture is shown; one that cannot be is a file like any other. */
  private ToolResult picture(GuardedResponse response, String type)
      throws IOException, InterruptedException {
    byte[] bytes = response.body().readAllBytes();
    try {
      Image image = Images.of(bytes, type);
      return ToolResult.text(
              Untrusted.wrap(response.uri().toString(), "(a picture, which you are shown next)"))
          .withImages(List.of(image));
    } catch (ImageRefusal e) {
      String saved = download(response, type, bytes, InputStream.nullInputStream());
      return ToolResult.text(saved + "\n[it cannot be shown: " + e.getMessage() + "]");
    }
  }

  private String content(GuardedResponse response, String type) throws IOException {
    InputStream in = response.body();
    byte[] start = in.readNBytes(SNIFFED_BYTES);
    boolean textual = type.isEmpty() ? !FileKind.binary(start, start.length) : textual(type, start);
    if (!textual) {
      return download(response, type, start, in);
    }
    byte[] rest = in.readNBytes(TEXT_BYTES_MAX - start.length);
    byte[] body = new byte[start.length + rest.length];
    System.arraycopy(start, 0, body, 0, start.length);
    System.arraycopy(rest, 0, body, start.length, rest.length);
    boolean more = body.length == TEXT_BYTES_MAX && in.read() >= 0;
    String text = text(response, type, body);
    if (text.isBlank()) {
      return "(empty response)";
    }
    String note = more ? " of the first " + TEXT_BYTES_MAX + " bytes" : "";
    String source = response.uri().toString();
    return text.length() <= TEXT_LENGTH_MAX
        ? Untrusted.wrap(source, text)
        : Untrusted.wrap(source, Cut.head(text, TEXT_LENGTH_MAX))
            + "\n\n[... truncated: "
            + text.length()
            + " characters in total"
            + note
            + " ...]";
  }

  private static boolean textual(String type, byte[] start) {
    boolean named =
        type.startsWith("text/")
            || type.endsWith("+json")
            || type.endsWith("+xml")
            || switch (type) {
              case "application/json",
                  "application/xml",
                  "application/javascript",
                  "application/x-javascript",
                  "application/ecmascript",
                  "application/x-ndjson",
                  "application/yaml",
                  "application/x-yaml",
                  "application/toml",
                  "application/x-sh",
                  "application/sql",
                  "application/x-www-form-urlencoded" ->
                  true;
              default -> false;
            };
    return named && !FileKind.binary(start, start.length);
  }

  private static String text(GuardedResponse response, String type, byte[] body)
      throws IOException {
    Charset charset = response.charset().orElse(StandardCharsets.UTF_8);
    if (type.equals("text/html") || type.equals("application/xhtml+xml")) {
      String named = response.charset().map(Charset::name).orElse(null);
      return HtmlText.of(
          Jsoup.parse(new ByteArrayInputStream(body), named, response.uri().toString()));
    }
    String text = new String(body, charset);
    if (type.equals("application/json") || type.endsWith("+json")) {
      try {
        return Json.writePretty(Json.parse(text));
      } catch (JsonException _) {
        // Shown as it came.
      }
    }
    return text;
  }

  private String download(GuardedResponse response, String type, byte[] start, InputStream in)
      throws IOException {
    Downloads.Saved saved =
        downloads.save(
            fileName(response), new SequenceInputStream(new ByteArrayInputStream(start), in));
    return "[saved to "
        + saved.path()
        + ": "
        + (type.isEmpty() ? "unknown type" : type)
        + ", "
        + saved.bytes()
        + " bytes]";
  }

  /** From the URL's last segment; only characters that are harmless everywhere. */
  private static String fileName(GuardedResponse response) {
    String path = String.valueOf(response.uri().getPath());
    String last = path.substring(path.lastIndexOf('/') + 1);
    String clean =
        last.replaceAll("[^A-Za-z0-9._-]+", "_").replaceAll("^[._-]+", "").toLowerCase(Locale.ROOT);
    String name = Cut.tail(clean, 100);
    return name.isEmpty() ? "download" : name;
  }
}
