package ai.liberclaw.agent.sandbox;

import ai.liberclaw.agent.workspace.Handover;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * No sandbox but an emptied environment: children are the server's own user and can read what it
 * can.
 *
 * @param root whether that user is root
 */
record WeakSandbox(Place place, boolean root) implements Sandbox {
  @Override
  public String kind() {
    return "weak";
  }

  @Override
  public String description() {
    return root
        ? """
        - Commands run as root, with administrator rights.\
        """
        : """
        - Commands run as an ordinary user without administrator rights: sudo and the system's \
        package manager do not work.\
        """;
  }

  @Override
  public Map<String, String> environment() {
    return place.environment();
  }

  @Override
  public Path directory() {
    return place.workspace();
  }

  @Override
  public Handover handover() {
    return Handover.NONE;
  }

  @Override
  public OptionalInt user() {
    return OptionalInt.empty();
  }

  @Override
  public Optional<String> find(String program) {
    return place.programs().find(program);
  }

  @Override
  public List<String> wrap(List<String> command, List<Path> shared, Lifetime lifetime)
      throws IOException {
    List<String> line = new ArrayList<>(Session.unprivileged(place));
    line.addAll(command);
    return line;
  }
}
