package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.AgentJvm;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
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
  private static final int ID_HEX_DIGITS = 32;
  private static final int BUFFER_BYTES = 64 * 1024;
  static final String JAR = "agent.jar";
  static final String LIBRARIES = "lib";

  /** Loaded and linked classes (JEP 483), made by {@code deploy/ops/agent-cache}. */
  static final String CACHE = "agent.aot";

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
    command.addAll(AgentJvm.FLAGS);
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

  /**
   * 32 hex digits made from all that runs. The start-up cache is left out: it only makes that
   * quicker.
   *
   * @throws IOException when it cannot be read
   */
  public String id() throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (Path file : files()) {
      if (file.endsWith(CACHE)) {
        continue;
      }
      String name = directory.relativize(file) + "\0" + Files.size(file) + "\0";
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, ID_HEX_DIGITS);
  }

  /** What makes a release; beside it anything may lie, such as the rest of a build. */
  List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>(List.of(directory.resolve(JAR)));
    if (Files.exists(directory.resolve(CACHE))) {
      files.add(directory.resolve(CACHE));
    }
    Path libraries = directory.resolve(LIBRARIES);
    if (Files.isDirectory(libraries)) {
      try (Stream<Path> all = Files.walk(libraries)) {
        all.filter(Files::isRegularFile).sorted().forEach(files::add);
      }
    }
    return files;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
