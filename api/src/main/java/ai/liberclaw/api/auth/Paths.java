package ai.liberclaw.api.auth;

/** Compares raw request paths with paths below {@code /api/v1}, segment by segment. */
final class Paths {
  private static final String BASE = "/api/v1";

  private Paths() {}

  /** True for the path itself, with or without a slash at its end. */
  static boolean is(String rawPath, String path) {
    return within(rawPath, path) && rawPath.length() <= BASE.length() + path.length() + 1;
  }

  /** True for the path itself and everything below it. */
  static boolean within(String rawPath, String path) {
    int end = BASE.length() + path.length();
    return rawPath.startsWith(BASE)
        && rawPath.startsWith(path, BASE.length())
        && (rawPath.length() == end || rawPath.charAt(end) == '/');
  }
}
