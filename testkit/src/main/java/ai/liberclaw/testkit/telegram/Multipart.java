package ai.liberclaw.testkit.telegram;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code multipart/form-data} body, strictly read (RFC 7578). */
final class Multipart {
  private static final Pattern NAME = Pattern.compile("[; ]name=\"([^\"]*)\"");
  private static final Pattern FILE = Pattern.compile("filename=\"([^\"]*)\"");

  /** A part that is a file. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on at once.
  record Upload(String name, byte[] bytes) {}

  private Multipart() {}

  /**
   * @param fields gets the parts that are no files
   * @return the files by field
   */
  static Map<String, Upload> read(String contentType, byte[] body, Map<String, String> fields) {
    String boundary = contentType.substring(contentType.indexOf("boundary=") + 9);
    // One character per byte, so that positions are the same.
    String text = new String(body, StandardCharsets.ISO_8859_1);
    Map<String, Upload> files = new HashMap<>();
    String mark = "--" + boundary;
    if (!text.startsWith(mark) || !text.endsWith(mark + "--\r\n")) {
      throw new IllegalArgumentException("the body does not begin and end with its boundary");
    }
    int at = mark.length();
    while (!text.startsWith("--", at)) {
      int head = text.indexOf("\r\n\r\n", at);
      int end = text.indexOf("\r\n" + mark, head);
      String headers =
          new String(
              text.substring(at, head).getBytes(StandardCharsets.ISO_8859_1),
              StandardCharsets.UTF_8);
      byte[] value = text.substring(head + 4, end).getBytes(StandardCharsets.ISO_8859_1);
      Matcher name = NAME.matcher(headers);
      if (!name.find()) {
        throw new IllegalArgumentException("a part without a name");
      }
      Matcher file = FILE.matcher(headers);
      if (file.find()) {
        files.put(name.group(1), new Upload(file.group(1), value));
      } else {
        fields.put(name.group(1), new String(value, StandardCharsets.UTF_8));
      }
      at = end + 2 + mark.length();
    }
    return files;
  }
}
