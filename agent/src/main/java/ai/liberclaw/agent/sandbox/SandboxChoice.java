package ai.liberclaw.agent.sandbox;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the best sandbox that works here, by trying. Another user comes first; beside other
 * programs of the same machine, bubblewrap does, which hides theirs too.
 */
public final class SandboxChoice {
  private static final Logger LOG = System.getLogger(SandboxChoice.class.getName());
  private static final List<String> DATABASE_SIDE_FILES = List.of("", "-wal", "-shm", "-journal");

  private final SandboxSettings settings;
  private final Place place;
  private final boolean shared;
  private final Optional<Rights> rights = Rights.own();

  /**
   * @param shared whether this machine is also used for other things
   */
  public SandboxChoice(SandboxSettings settings, Place place, boolean shared) {
    this.settings = settings;
    this.place = place;
    this.shared = shared;
  }

  /**
   * The sandbox of this agent. Its workspace has been handed over to the user that tools run as.
   * One that the workspace was handed over to before is kept even when it does not work now.
   *
   * @throws InterruptedException while something was tried
   */
  public Sandbox choose() throws InterruptedException {
    place.ownFiles().forEach(SandboxChoice::makePrivate);
    reopen(place.workspace());
    boolean root = rights.isPresent() && rights.get().root();
    if (settings.asRoot() && root) {
      LOG.log(Level.INFO, "sandbox.chosen kind=weak reason=TOOLS_AS_ROOT");
      return new WeakSandbox(place, true);
    }
    if (settings.asRoot()) {
      LOG.log(Level.WARNING, "sandbox.not_root setting=TOOLS_AS_ROOT");
    }
    List<Sandbox> candidates = new ArrayList<>();
    user().ifPresent(candidates::add);
    bubblewrap(root).ifPresent(b -> candidates.add(shared ? 0 : candidates.size(), b));
    for (Sandbox candidate : candidates) {
      Optional<String> problem = problem(candidate);
      if (problem.isEmpty()) {
        LOG.log(Level.INFO, "sandbox.chosen kind={0}", candidate.kind());
        return candidate;
      }
      LOG.log(
          Level.INFO, "sandbox.not_possible kind={0} reason={1}", candidate.kind(), problem.get());
    }
    Optional<Sandbox> former = candidates.stream().filter(this::hasWorkedHere).findFirst();
    if (former.isPresent()) {
      LOG.log(Level.WARNING, "sandbox.kept kind={0} tools=may_fail", former.get().kind());
      return former.get();
    }
    LOG.log(Level.WARNING, "sandbox.chosen kind=weak root={0}", root);
    return new WeakSandbox(place, root);
  }

  /**
   * Whether the workspace is the tools' user's already. Who may write in it can fill the disk or
   * keep the machine busy, and must not become root by making the next start find no sandbox.
   */
  private boolean hasWorkedHere(Sandbox candidate) {
    try {
      return candidate.user().isPresent()
          && Files.getAttribute(place.workspace(), "unix:uid").equals(candidate.user().getAsInt());
    } catch (IOException _) {
      return false;
    }
  }

  /** Tools may have closed their own folder, which would end every sandbox at the next start. */
  private static void reopen(Path workspace) {
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(workspace);
      if (mode.addAll(PosixFilePermissions.fromString("rwx------"))) {
        Files.setPosixFilePermissions(workspace, mode);
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(Level.WARNING, "sandbox.workspace_not_opened reason={0}", e.toString());
    }
  }

  private Optional<String> problem(Sandbox candidate) throws InterruptedException {
    if (place.ownFiles().stream().anyMatch(this::inWorkspace)) {
      // Whoever may write in a folder can replace what is in it.
      return Optional.of("files of the agent are in the workspace");
    }
    List<String> unreadable = new ArrayList<>();
    for (Path file : place.ownFiles()) {
      DATABASE_SIDE_FILES.forEach(side -> unreadable.add(file + side));
    }
    if (candidate instanceof UserSandbox) {
      String server = "/proc/" + ProcessHandle.current().pid();
      unreadable.add(server + "/environ");
      unreadable.add(server + "/mem");
    }
    if (candidate.user().isPresent()) {
      makeEnterable(place.workspace());
    }
    Optional<String> problem = Probe.problem(candidate, unreadable, false);
    if (problem.isPresent()) {
      return problem;
    }
    try {
      new WorkspaceHandover(candidate).all();
    } catch (IOException e) {
      return Optional.of("the workspace cannot be handed over: " + e.getMessage());
    }
    return Probe.problem(candidate, unreadable, true);
  }

  /** A workspace that was the server's alone: others can enter it, which is all that is tried. */
  private static void makeEnterable(Path workspace) {
    try {
      Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(workspace);
      if (allowed.addAll(
          Set.of(PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE))) {
        Files.setPosixFilePermissions(workspace, allowed);
      }
    } catch (IOException e) {
      // Somebody else's: the look around tells whether it can be entered.
      LOG.log(Level.DEBUG, "sandbox.workspace_unchanged reason={0}", e.toString());
    }
  }

  private boolean inWorkspace(Path file) {
    try {
      return file.toRealPath().startsWith(place.workspace());
    } catch (IOException _) {
      return false;
    }
  }

  private Optional<Sandbox> user() {
    return identity().map(identity -> new UserSandbox(place, identity));
  }

  private Optional<Identity> identity() {
    if (rights.isEmpty() || rights.get().user().isEmpty() || !rights.get().maySwitch()) {
      return Optional.empty();
    }
    int server = rights.get().user().orElseThrow();
    Optional<ToolsUser> user =
        settings.user().isPresent()
            ? settings.user().flatMap(ToolsUser::find)
            : ToolsUser.DEFAULTS.stream()
                .map(ToolsUser::find)
                .flatMap(Optional::stream)
                .findFirst();
    return user.filter(u -> !rights.get().user().equals(Optional.of(u.id())))
        .flatMap(
            u -> place.programs().find("setpriv").map(setpriv -> new Identity(u, setpriv, server)));
  }

  private Optional<Sandbox> bubblewrap(boolean root) {
    Optional<String> bwrap = place.programs().find("bwrap");
    Optional<Identity> inside = root ? identity() : Optional.empty();
    // As root it would be root inside, who reads what other users must not.
    boolean possible = bwrap.isPresent() && (!root || inside.isPresent());
    return possible
        ? Optional.of(new BubblewrapSandbox(place, bwrap.get(), inside, settings.readable()))
        : Optional.empty();
  }

  /** The agent's own files are nobody else's, whatever mask they were made with. */
  private static void makePrivate(Path file) {
    for (String side : DATABASE_SIDE_FILES) {
      Path path = Path.of(file + side);
      try {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
      } catch (IOException | UnsupportedOperationException e) {
        LOG.log(Level.WARNING, "sandbox.file_not_private reason={0}", e.toString());
      }
    }
  }
}
