package ai.liberclaw.agent.sandbox;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** Each kind of sandbox by itself, whichever the server would choose here. */
public final class TestSandboxes {
  private TestSandboxes() {}

  public static boolean root() {
    return Rights.own().filter(Rights::root).isPresent();
  }

  public static Sandbox weak(Place place) {
    return new WeakSandbox(place, root());
  }

  /** Skips the test where the server may not switch users. */
  public static Sandbox user(Place place) {
    assumeTrue(
        Rights.own().filter(Rights::maySwitch).isPresent(),
        "only root, or a server with CAP_SETUID, CAP_SETGID and CAP_KILL, can switch users");
    open(place.workspace());
    return new UserSandbox(place, identity(place));
  }

  /** Skips the test where bubblewrap is not installed. */
  public static Sandbox bubblewrap(Place place) {
    Optional<String> bwrap = place.programs().find("bwrap");
    assumeTrue(bwrap.isPresent(), "bubblewrap is not installed");
    return new BubblewrapSandbox(
        place,
        bwrap.orElseThrow(),
        root() ? Optional.of(identity(place)) : Optional.empty(),
        List.of());
  }

  private static Identity identity(Place place) {
    return new Identity(
        ToolsUser.find("nobody").orElseThrow(),
        place.programs().find("setpriv").orElseThrow(),
        Rights.own().flatMap(Rights::user).orElseThrow());
  }

  /** Temporary folders of tests are closed to others. */
  private static void open(Path folder) {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      for (Path at = folder; at != null && !at.equals(temporary); at = at.getParent()) {
        if (at.startsWith(temporary)) {
          Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
