package ai.liberclaw.agent.sandbox;

import ai.liberclaw.agent.workspace.Handover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Children live in namespaces of their own (bwrap(1)): they see the system's folders, the workspace
 * and an empty /tmp, none of the agent's or anybody's data, and only their own processes. The
 * network is shared.
 *
 * @param bwrap the program
 * @param identity whom they become inside, when the server is root
 * @param readable more folders that they see
 */
record BubblewrapSandbox(
    Place place, String bwrap, Optional<Identity> identity, List<Path> readable)
    implements Sandbox {
  /**
   * Additional software. Where the agent itself lives there, so may others, their keys and their
   * workspaces beside it.
   */
  private static final Path OPTIONAL = Path.of("/opt");

  /** What a program needs to run; where there is a link, as on merged systems, it is a link. */
  private static final List<Path> SYSTEM =
      List.of(
          Path.of("/usr"),
          Path.of("/bin"),
          Path.of("/sbin"),
          Path.of("/lib"),
          Path.of("/lib32"),
          Path.of("/lib64"),
          Path.of("/libx32"),
          Path.of("/etc"),
          OPTIONAL,
          Path.of("/nix"));

  private static final Path RESOLVER = Path.of("/etc/resolv.conf");

  @Override
  public String kind() {
    return "bubblewrap";
  }

  @Override
  public String description() {
    return """
    - Commands run in a sandbox without administrator rights: sudo and the system's package manager \
    do not work. Inside, the workspace is also the home folder; besides it only an empty, private \
    /tmp can be written, and other people's folders are not there. The network works.
    - Each conversation's shell, each background process and each script has a sandbox of its own, \
    which does not see the processes and the /tmp of the others and ends with it. Exchange files \
    in the workspace.\
    """;
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
    return identity.map(Identity::handover).orElse(Handover.NONE);
  }

  @Override
  public OptionalInt user() {
    return identity.map(i -> OptionalInt.of(i.user().id())).orElse(OptionalInt.empty());
  }

  @Override
  public Optional<String> find(String program) {
    return place
        .programs()
        .find(
            program,
            path ->
                Stream.concat(visible().stream(), readable.stream()).anyMatch(path::startsWith));
  }

  @Override
  public boolean ownProcesses() {
    return true;
  }

  @Override
  public List<String> wrap(List<String> command, List<Path> shared, Lifetime lifetime)
      throws IOException {
    List<String> line = new ArrayList<>(Session.unprivileged(place));
    line.add(bwrap);
    line.addAll(List.of("--unshare-pid", "--unshare-ipc", "--unshare-uts"));
    if (lifetime == Lifetime.OF_STARTER) {
      line.add("--die-with-parent");
    }
    line.addAll(system());
    line.addAll(List.of("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run"));
    for (String folder : List.of("/tmp", "/var/tmp")) {
      if (identity.isPresent()) {
        line.addAll(List.of("--perms", "1777"));
      }
      line.addAll(List.of("--tmpfs", folder));
    }
    if (Files.exists(RESOLVER)) {
      // On many systems a link to a file that a service keeps elsewhere.
      Path real = RESOLVER.toRealPath();
      if (!real.startsWith("/etc")) {
        readOnly(line, real);
      }
    }
    readable.forEach(folder -> readOnly(line, folder));
    line.addAll(hidden());
    writable(line, place.workspace());
    shared.forEach(folder -> writable(line, folder));
    line.addAll(List.of("--chdir", place.workspace().toString()));
    if (identity.isPresent()) {
      line.addAll(
          List.of("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"));
    }
    line.add("--");
    line.addAll(identity.map(i -> i.become(command, false)).orElse(command));
    return line;
  }

  /** The system's folders, as far as they hold nothing else. */
  private List<Path> visible() {
    boolean lived = place.data().startsWith(OPTIONAL) || place.workspace().startsWith(OPTIONAL);
    return SYSTEM.stream().filter(folder -> !lived || !folder.equals(OPTIONAL)).toList();
  }

  private List<String> system() throws IOException {
    List<String> line = new ArrayList<>();
    for (Path folder : visible()) {
      if (Files.isSymbolicLink(folder)) {
        line.addAll(
            List.of("--symlink", Files.readSymbolicLink(folder).toString(), folder.toString()));
      } else if (Files.isDirectory(folder)) {
        readOnly(line, folder);
      }
    }
    return line;
  }

  /** The agent's own folder and files, where something that is seen holds them. */
  private List<String> hidden() {
    List<String> line = new ArrayList<>();
    List<Path> seen = new ArrayList<>(visible());
    seen.addAll(readable);
    if (seen.stream().anyMatch(place.data()::startsWith)
        && !SYSTEM.contains(place.data())
        && Files.isDirectory(place.data())) {
      line.addAll(List.of("--tmpfs", place.data().toString()));
    }
    for (Path file : place.ownFiles()) {
      if (seen.stream().anyMatch(file::startsWith)
          && !file.startsWith(place.data())
          && Files.exists(file)) {
        line.addAll(List.of("--ro-bind", "/dev/null", file.toString()));
      }
    }
    return line;
  }

  private static void readOnly(List<String> line, Path path) {
    line.addAll(List.of("--ro-bind-try", path.toString(), path.toString()));
  }

  private static void writable(List<String> line, Path path) {
    List<Path> above = new ArrayList<>();
    for (Path at = path.getParent(); at != null && at.getParent() != null; at = at.getParent()) {
      above.addFirst(at);
    }
    // Made by itself, it would let nobody but root pass.
    above.forEach(folder -> line.addAll(List.of("--dir", folder.toString())));
    line.addAll(List.of("--bind", path.toString(), path.toString()));
  }

  @Override
  public void share(Path path, int mode) throws IOException {
    if (identity.isPresent()) {
      identity.get().share(path, mode);
    }
  }
}
