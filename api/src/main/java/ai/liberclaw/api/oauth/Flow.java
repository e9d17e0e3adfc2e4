package ai.liberclaw.api.oauth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the browser brings to the web app. */
enum Flow {
  /** Access and refresh token, for the app of the original. */
  TOKENS,
  /** A code for them that works once. */
  CODE;

  /** As in queries and rows. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Flow> named(String name) {
    return Arrays.stream(values()).filter(flow -> flow.wireName().equals(name)).findFirst();
  }
}
