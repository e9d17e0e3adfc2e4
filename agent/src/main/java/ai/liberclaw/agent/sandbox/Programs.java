package ai.liberclaw.agent.sandbox;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where programs are looked for.
 *
 * @param searchPath as in {@code PATH}
 */
record Programs(String searchPath) {
  private static final String SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin";

  /** The absolute path of a program, in this search path or in the system's folders. */
  Optional<String> find(String name) {
    return find(name, _ -> true);
  }

  /** The first one that somebody else can start too. */
  Optional<String> find(String name, Predicate<Path> startable) {
    return Stream.of((searchPath + File.pathSeparator + SYSTEM).split(File.pathSeparator))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, name))
        .filter(path -> Files.isExecutable(path) && Files.isRegularFile(path))
        .filter(startable)
        .map(Path::toString)
        .findFirst();
  }

  /**
   * What starts a program in a session and process group of its own: it replaces itself by it, so
   * the child's id is that of both. Empty when this machine has nothing of the kind.
   */
  List<String> session() {
    return find("setsid")
        .map(List::of)
        .or(() ->
            find("perl").map(p -> List.of(p, "-e", "use POSIX; POSIX::setsid(); exec @ARGV", "--")))
        .orElse(List.of());
  }
}
