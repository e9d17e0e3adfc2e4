package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.ProviderException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The agent that is started here: {@code agent.jar} with its libraries beside it, on the Java this
 * server runs on.
 */
public record AgentRelease(Path directory) {
  private static final String JAR = "agent.jar";
  private static final List<String> FLAGS =
      List.of(
          // A small heap, one compiler and the plain collector start in half the time and memory.
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseCompactObjectHeaders",
          "-Xmx256m",
          "-Xshare:auto",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "--enable-native-access=ALL-UNNAMED");

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

  /** The command that runs it; properties are shown by {@code ps} and hold no secret. */
  List<String> command(List<String> properties) {
    if (!present()) {
      throw new ProviderException(
          "release_missing", "The agent's release is not installed on this server.", false, null);
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command = new java.util.ArrayList<>();
    command.add(java.toString());
    command.addAll(FLAGS);
    command.addAll(properties);
    command.add("-jar");
    command.add(jar().toString());
    return command;
  }
}
