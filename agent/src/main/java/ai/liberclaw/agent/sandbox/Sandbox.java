package ai.liberclaw.agent.sandbox;

import ai.liberclaw.agent.workspace.Handover;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How programs that tools start are kept apart from the agent. Everything that a model can make the
 * agent start goes through {@link #wrap} with {@link #environment}, or through {@link #child},
 * which is both.
 */
public sealed interface Sandbox permits UserSandbox, BubblewrapSandbox, WeakSandbox {
  /** As {@code /health} says it: {@code user}, {@code bubblewrap} or {@code weak}. */
  String kind();

  /** What it is like inside, as lines of a list for the model. */
  String description();

  /** The whole environment of a child: nothing of the server's but harmless names. */
  Map<String, String> environment();

  /** Where children start: the workspace. */
  Path directory();

  /** Makes what the server writes in the workspace the tools' too. */
  Handover handover();

  /** Whom children run as, where that is not the server's own user. */
  OptionalInt user();

  /** The path of a program that children can start; empty when there is none. */
  Optional<String> find(String program);

  /** Whether each child sees only processes of its own, which end with it. */
  default boolean ownProcesses() {
    return false;
  }

  /**
   * The command line that runs this one inside. The child's id is that of its session and process
   * group; standard streams are passed on, other descriptors are not.
   *
   * @param shared folders made by {@link #exchange} that this child uses
   * @param lifetime what ends the child besides its starter
   * @throws IOException when this machine has no program that starts a session
   */
  List<String> wrap(List<String> command, List<Path> shared, Lifetime lifetime) throws IOException;

  /** As the long form, for a child that shares no folder and is ended by who started it. */
  default List<String> wrap(List<String> command) throws IOException {
    return wrap(command, List.of(), Lifetime.FREE);
  }

  /** A child that is ready to be started: wrapped, in its folder, with its whole environment. */
  default ProcessBuilder child(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(wrap(command)).directory(directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(environment());
    return builder;
  }

  /** What ends a child besides its starter. */
  enum Lifetime {
    /** Nothing. */
    FREE,
    /** The end of the thread that started it, where the sandbox can do that (prctl(2)). */
    OF_STARTER
  }

  /** Where {@link #exchange} makes folders. */
  static Path exchanges() {
    return exchanges(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /**
   * The server's temporary folder, or {@code /tmp} when that is so deep that a socket in it would
   * have no name (unix(7): 107 bytes).
   */
  static Path exchanges(Path own) {
    return own.toString().getBytes(StandardCharsets.UTF_8).length <= EXCHANGES_BYTES_MAX
        ? own
        : Path.of("/tmp");
  }

  /** Bytes of that path; a folder's name and a socket's follow. */
  int EXCHANGES_BYTES_MAX = 50;

  /**
   * A new folder in which the server puts files for children and nobody else gets in. Whoever asks
   * for it deletes it.
   */
  default Path exchange(String prefix) throws IOException {
    Path folder =
        Files.createTempDirectory(
            exchanges(),
            prefix,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    share(folder, 0710);
    return folder;
  }

  /**
   * Lets children use a file of the server's in such a folder.
   *
   * @param mode what the server and, in the group's bits, children may do with it
   */
  default void share(Path path, int mode) throws IOException {
    // The same user: the owner's bits are enough.
  }
}
