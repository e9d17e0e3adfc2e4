package ai.liberclaw.api.auth;

import java.util.Optional;
import java.util.stream.Stream;

/** What a personal access token may be used for. */
public enum Scope {
  AGENTS_READ("agents:read"),
  AGENTS_WRITE("agents:write"),
  CHAT("chat");

  private final String key;

  Scope(String key) {
    this.key = key;
  }

  /** As it is written in requests and answers. */
  public String key() {
    return key;
  }

  public static Optional<Scope> of(String key) {
    return Stream.of(values()).filter(scope -> scope.key.equals(key)).findFirst();
  }

  /**
   * The scope a route needs; empty for one that takes no personal access token at all, as every new
   * one until it is named here.
   *
   * @param rawPath as it was sent: what is not spelled as a route is none
   */
  static Optional<Scope> needed(String method, String rawPath) {
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (Paths.within(rawPath, "/agents")) {
      return Optional.of(reads ? AGENTS_READ : AGENTS_WRITE);
    }
    if (Paths.within(rawPath, "/chat") || Paths.within(rawPath, "/files")) {
      return Optional.of(CHAT);
    }
    boolean shown =
        Paths.is(rawPath, "/users/me")
            || Paths.within(rawPath, "/usage")
            || Paths.within(rawPath, "/activity/me");
    return reads && shown ? Optional.of(AGENTS_READ) : Optional.empty();
  }
}
