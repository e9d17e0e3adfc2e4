package ai.liberclaw.deploy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * A release whose agent only answers {@code /health}, notes each of its starts, and ends at once
 * when its directory holds a file {@code crash}.
 */
public final class StandInAgent {
  private static final String SOURCE =
      """
      import com.sun.net.httpserver.HttpServer;
      import java.net.InetSocketAddress;
      import java.nio.file.Files;
      import java.nio.file.Path;
      import java.nio.file.StandardOpenOption;
      import java.util.TreeSet;
      import java.util.UUID;

      public class Standin {
        public static void main(String[] args) throws Exception {
          Path home = Path.of(System.getenv("HOME"));
          Files.writeString(home.resolve("starts"), ProcessHandle.current().pid() + "\\n",
              StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          Files.writeString(home.resolve("names"),
              String.join("\\n", new TreeSet<>(System.getenv().keySet())));
          Files.writeString(home.resolve("prompt"),
              System.getenv().getOrDefault("SYSTEM_PROMPT_B64", "in AGENT_CONFIG_FILE"));
          String build;
          try (var in = Standin.class.getResourceAsStream("/build")) {
            build = new String(in.readAllBytes());
          }
          // As a newer agent migrates the file of an older one.
          Files.writeString(Path.of(System.getenv("DB_PATH")), build + "\\n",
              StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          if (build.startsWith("broken") || Files.exists(home.resolve("crash"))) {
            System.exit(3);
          }
          HttpServer server = HttpServer.create(new InetSocketAddress(System.getenv("HOST"),
              Integer.parseInt(System.getenv("PORT"))), 0);
          byte[] body = ("{\\"status\\":\\"ok\\",\\"version\\":2,\\"boot_id\\":\\"" + UUID.randomUUID()
              + "\\",\\"release\\":\\"" + System.getenv("AGENT_RELEASE") + "\\"}").getBytes();
          server.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
          System.err.println("listening as " + build);
          server.start();
        }
      }
      """;

  private StandInAgent() {}

  /** Compiled once, for whichever test is the first to need it. */
  private static final class Compiled {
    static final byte[] CLASS = compiled();
  }

  /** Makes a release in the directory. */
  public static Path release(Path directory) {
    return release(directory, "first");
  }

  /**
   * Makes a release in the directory, in place of the one that is there.
   *
   * @param build what each start appends to the agent's database; an agent whose build begins with
   *     {@code broken} ends at once
   */
  public static Path release(Path directory, String build) {
    try {
      Files.createDirectories(directory);
      Path fresh = Files.write(directory.resolve("agent.jar.new"), jar(build));
      Files.move(fresh, directory.resolve("agent.jar"), StandardCopyOption.REPLACE_EXISTING);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] jar(String build) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "Standin");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
      jar.putNextEntry(new JarEntry("Standin.class"));
      jar.write(Compiled.CLASS);
      jar.putNextEntry(new JarEntry("build"));
      jar.write(build.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] compiled() {
    try {
      Path directory = Files.createTempDirectory("stand-in-agent");
      Path source = Files.writeString(directory.resolve("Standin.java"), SOURCE);
      Path compiled = directory.resolve("Standin.class");
      try {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int result = compiler.run(null, null, null, "-d", directory.toString(), source.toString());
        if (result != 0) {
          throw new IllegalStateException("the stand-in does not compile");
        }
        return Files.readAllBytes(compiled);
      } finally {
        Files.deleteIfExists(source);
        Files.deleteIfExists(compiled);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Process ids of all starts so far, in order. */
  public static List<Long> starts(Path agentDirectory) {
    try {
      Path starts = agentDirectory.resolve("starts");
      return Files.exists(starts)
          ? Files.readAllLines(starts).stream().map(Long::parseLong).toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
