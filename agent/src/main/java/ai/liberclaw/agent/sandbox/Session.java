package ai.liberclaw.agent.sandbox;

import java.io.IOException;
import java.util.List;

/** The start of every child's command line. */
final class Session {
  private Session() {}

  static List<String> of(Place place) throws IOException {
    List<String> session = place.programs().session();
    if (session.isEmpty()) {
      throw new IOException("setsid is not installed on this machine");
    }
    return session;
  }
}
