package ai.liberclaw.agent.tool.patch;

import ai.liberclaw.agent.tool.file.FileFault;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The names in the headers of a patch, quoted as in C when git finds them odd. */
final class PatchNames {
  static final String NONE = "/dev/null";

  private PatchNames() {}

  /** The name after {@code ---} or {@code +++}: up to a tab, which a time follows. */
  static String ofHeader(String rest) throws FileFault {
    String text = rest.strip();
    if (text.startsWith("\"")) {
      return unquoted(text);
    }
    int tab = rest.indexOf('\t');
    return utf8(tab < 0 ? text : rest.substring(0, tab).strip());
  }

  /** The name after {@code rename from} and the like. */
  static String ofWord(String rest) throws FileFault {
    String text = rest.strip();
    return text.startsWith("\"") ? unquoted(text) : utf8(text);
  }

  /** Without the {@code a/} or {@code b/} that git puts in front. */
  static String stripped(String name) {
    return name.length() > 2 && name.charAt(1) == '/' && "abicow".indexOf(name.charAt(0)) >= 0
        ? name.substring(2)
        : name;
  }

  /** The name in {@code diff --git a/x b/x}, when both are the same. */
  static Optional<String> ofGitLine(String rest) throws FileFault {
    String text = rest.strip();
    if (text.startsWith("\"")) {
      int end = text.indexOf("\" ", 1);
      return end < 0
          ? Optional.empty()
          : Optional.of(stripped(unquoted(text.substring(0, end + 1))));
    }
    int middle = text.length() / 2;
    if (text.length() % 2 == 1 && text.charAt(middle) == ' ') {
      String first = stripped(text.substring(0, middle));
      String second = stripped(text.substring(middle + 1));
      return first.equals(second) ? Optional.of(utf8(first)) : Optional.empty();
    }
    return Optional.empty();
  }

  private static String utf8(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static String unquoted(String text) throws FileFault {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int i = 1;
    while (i < text.length() && text.charAt(i) != '"') {
      char c = text.charAt(i++);
      if (c != '\\') {
        out.write(c);
        continue;
      }
      if (i == text.length()) {
        break;
      }
      char escape = text.charAt(i++);
      int at = "abtnvfr\"\\".indexOf(escape);
      if (at >= 0) {
        out.write("\007\b\t\n\013\f\r\"\\".charAt(at));
      } else if (i + 1 < text.length() && text.substring(i - 1, i + 2).matches("[0-3][0-7]{2}")) {
        out.write(Integer.parseInt(text.substring(i - 1, i + 2), 8));
        i += 2;
      } else {
        throw new FileFault("a quoted file name of the patch cannot be read: " + text);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
