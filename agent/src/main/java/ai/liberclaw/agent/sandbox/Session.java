package ai.liberclaw.agent.sandbox;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The start of every child's command line. */
final class Session {
  private Session() {}

  /** A session of its own. */
  static List<String> of(Place place) throws IOException {
    List<String> session = place.programs().session();
    if (session.isEmpty()) {
      throw new IOException("setsid is not installed on this machine");
    }
    return session;
  }

  /**
   * The same, without capabilities that the server passes on to what it starts.
   *
   * @throws IOException also when there are such, and nothing to take them away with
   */
  static List<String> unprivileged(Place place) throws IOException {
    List<String> line = new ArrayList<>(of(place));
    Optional<Rights> server = Rights.own();
    if (server.isPresent() && server.get().ambient() != 0) {
      line.add(
          place
              .programs()
              .find("setpriv")
              .orElseThrow(() -> new IOException("setpriv is not installed on this machine")));
      line.addAll(List.of("--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all", "--"));
    }
    return line;
  }
}
