package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/**
 * The agent that is started here: {@code agent.jar} with its libraries beside it, on the Java this
 * server runs on.
 *
 * @param kept agents stay with the build they were deployed with, of which a copy is kept, until
 *     they are updated; else each start of an agent takes the build that is there
 */
public record AgentRelease(Path directory, boolean kept) {
  static final String JAR = "agent.jar";
  static final String LIBRARIES = "lib";

  /** Loaded and linked classes (JEP 483), made by {@code deploy/ops/agent-cache}. */
  static final String CACHE = "agent.aot";

  private static final List<String> FLAGS =
      List.of(
          // A small heap, one compiler and the plain collector start in half the time and memory.
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseCompactObjectHeaders",
          "-Xmx256m",
          // Else a machine with much memory begins with a heap that is all for nothing.
          "-Xms24m",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "--enable-native-access=ALL-UNNAMED");

  public AgentRelease(Path directory) {
    this(directory, true);
  }

  /** The same for whoever builds it again and again, and wants the newest each time. */
  public AgentRelease following() {
    return new AgentRelease(directory, false);
  }

  /** {@code agent/} beside the jar that holds this class, or beside its folder of libraries. */
  public static AgentRelease beside(Class<?> code) {
    try {
      Path jar = Path.of(code.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path folder = jar.getParent() == null ? jar : jar.getParent();
      Path beside = folder.resolve("agent");
      Path above = folder.resolveSibling("agent");
      return new AgentRelease(Files.exists(beside.resolve(JAR)) ? beside : above);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public Path jar() {
    return directory.resolve(JAR);
  }

  public boolean present() {
    return Files.isRegularFile(jar());
  }

  void requirePresent() {
    if (!present()) {
      throw new ProviderException(
          "release_missing", "The agent's release is not installed on this server.", false, null);
    }
  }

  /** The command that runs it; properties are shown by {@code ps} and hold no secret. */
  List<String> command(List<String> properties) {
    requirePresent();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command = new java.util.ArrayList<>();
    command.add(java.toString());
    command.addAll(FLAGS);
    if (cacheFits()) {
      command.add("-XX:AOTCache=" + directory.resolve(CACHE));
    }
    command.addAll(properties);
    command.add("-jar");
    command.add(jar().toString());
    return command;
  }

  /**
   * Java itself ignores a cache of another Java, or of jars of other sizes, but not one of jars
   * that were built again to the same size: it would run their old classes.
   */
  private boolean cacheFits() {
    try (Stream<Path> libraries = Files.list(directory.resolve(LIBRARIES))) {
      FileTime made = Files.getLastModifiedTime(directory.resolve(CACHE));
      for (Path jar : Stream.concat(Stream.of(jar()), libraries).toList()) {
        if (Files.getLastModifiedTime(jar).compareTo(made) > 0) {
          return false;
        }
      }
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
