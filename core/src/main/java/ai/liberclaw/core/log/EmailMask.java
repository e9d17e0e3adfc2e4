package ai.liberclaw.core.log;

import java.util.regex.Pattern;

/**
 * Takes e-mail addresses out of log lines, also percent-encoded ones. People's addresses get into
 * messages by way of libraries, which quote what they failed on.
 */
final class EmailMask {
  // Bounded and never taken back, so that a long line costs no more than its length.
  private static final Pattern ADDRESS =
      Pattern.compile(
          "[\\p{L}\\p{N}._+'-]{1,64}+(?:@|%40)(?:[\\p{L}\\p{N}-]{1,63}\\.){1,8}\\p{L}{2,63}");

  private EmailMask() {}

  static String of(String line) {
    if (line.indexOf('@') < 0 && !line.contains("%40")) {
      return line;
    }
    return ADDRESS.matcher(line).replaceAll("(e-mail)");
  }
}
