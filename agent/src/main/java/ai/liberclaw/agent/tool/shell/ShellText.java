package ai.liberclaw.agent.tool.shell;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Shell text on its way into a child's argument. */
final class ShellText {
  /** What Linux takes as one argument, its closing zero included (MAX_ARG_STRLEN). */
  static final int ARGUMENT_BYTES_MAX = 128 * 1024;

  private ShellText() {}

  /**
   * The script, spelled so that the JDK passes it on unharmed: in the encoding of the server's
   * locale, which often is plain ASCII, it would replace what it cannot say by question marks.
   */
  static String argument(String script) {
    boolean utf8 =
        Charset.forName(System.getProperty("sun.jnu.encoding", "US-ASCII"))
            .equals(StandardCharsets.UTF_8);
    if (utf8 || script.chars().allMatch(c -> c < 0x80)) {
      return script;
    }
    StringBuilder out = new StringBuilder("eval $'");
    for (byte b : script.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b < 0x7f && b != '\'' && b != '\\') {
        out.append((char) b);
      } else {
        out.append(String.format("\\%03o", b & 0xff));
      }
    }
    return out.append("'").toString();
  }
}
