package ai.liberclaw.api.files;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** How a file is presented to browsers: it can only be kept or, if it is an image, shown. */
final class FileHeaders {
  private static final String UNKNOWN = "application/octet-stream";
  private static final Map<String, String> IMAGES =
      Map.of(
          "png", "image/png",
          "jpg", "image/jpeg",
          "jpeg", "image/jpeg",
          "gif", "image/gif",
          "webp", "image/webp");

  private FileHeaders() {}

  /** By the name's ending; anything but an image of pixels is bytes, a page or an SVG too. */
  static String type(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return IMAGES.getOrDefault(ending, UNKNOWN);
  }

  /** RFC 6266: a name in ASCII for everybody, and the whole one of RFC 8187 where it differs. */
  static String disposition(String name) {
    StringBuilder ascii = new StringBuilder();
    name.codePoints()
        .map(c -> c < ' ' || c > '~' || c == '"' || c == '\\' || c == '%' ? '_' : c)
        .forEach(ascii::appendCodePoint);
    String quoted = "attachment; filename=\"" + ascii + "\"";
    if (ascii.toString().equals(name)) {
      return quoted;
    }
    String encoded =
        URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
    return quoted + "; filename*=UTF-8''" + encoded;
  }
}
