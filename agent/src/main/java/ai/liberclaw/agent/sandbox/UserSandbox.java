package ai.liberclaw.agent.sandbox;

import ai.liberclaw.agent.workspace.Handover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Children are another Unix user, which owns the workspace and cannot read what is the agent's. */
record UserSandbox(Place place, Identity identity) implements Sandbox {
  @Override
  public String kind() {
    return "user";
  }

  @Override
  public String description() {
    return """
    - Commands run as the ordinary user %s, without administrator rights: sudo and the system's \
    package manager do not work. That user can write in the workspace, which is also its home, and \
    in /tmp; your own service and settings are out of its reach.\
    """
        .formatted(identity.user().name());
  }

  @Override
  public Map<String, String> environment() {
    return place.environmentAtHome();
  }

  @Override
  public Path directory() {
    return place.workspace();
  }

  @Override
  public Handover handover() {
    return identity.handover();
  }

  @Override
  public OptionalInt user() {
    return OptionalInt.of(identity.user().id());
  }

  @Override
  public Optional<String> find(String program) {
    return place.programs().find(program, UserSandbox::open);
  }

  /** Whether everybody can start it: by the name given, and where that leads. */
  private static boolean open(Path program) {
    try {
      return everybodyMayPass(program) && everybodyMayPass(program.toRealPath());
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean everybodyMayPass(Path path) throws IOException {
    for (Path at = path; at != null; at = at.getParent()) {
      if (!Files.getPosixFilePermissions(at).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<String> wrap(List<String> command, List<Path> shared, Lifetime lifetime)
      throws IOException {
    List<String> line = new ArrayList<>(Session.of(place));
    line.addAll(identity.become(command, true));
    return line;
  }

  @Override
  public void share(Path path, int mode) throws IOException {
    identity.share(path, mode);
  }
}
