package ai.liberclaw.core.web;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path such as {@code /chat/{chat_id}/history}. It is matched against the raw path, segment by
 * segment, so that an encoded slash stays inside its segment; a last {@code {name...}} takes the
 * raw rest. A slash at the end makes no difference.
 */
record PathPattern(List<String> segments) {
  static PathPattern of(String pattern) {
    return new PathPattern(split(pattern));
  }

  /**
   * Raw values by name; a {@code {name...}} value keeps its slashes. Empty when it doesn't match.
   */
  Optional<Map<String, String>> match(String rawPath) {
    List<String> given = List.of(rawPath.substring(Math.min(1, rawPath.length())).split("/", -1));
    if (given.size() > 1 && given.getLast().isEmpty() && !takesRest()) {
      given = given.subList(0, given.size() - 1);
    }
    if (takesRest() ? given.size() < segments.size() : given.size() != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      if (segment.endsWith("...}")) {
        values.put(
            segment.substring(1, segment.length() - 4),
            String.join("/", given.subList(i, given.size())));
      } else if (segment.startsWith("{")) {
        if (given.get(i).isEmpty()) {
          return Optional.empty();
        }
        values.put(segment.substring(1, segment.length() - 1), given.get(i));
      } else if (!segment.equals(given.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  private boolean takesRest() {
    return !segments.isEmpty() && segments.getLast().endsWith("...}");
  }

  private static List<String> split(String pattern) {
    String path = pattern.substring(1);
    if (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return List.of(path.split("/", -1));
  }
}
