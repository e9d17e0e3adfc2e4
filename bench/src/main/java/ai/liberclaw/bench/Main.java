package ai.liberclaw.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * {@code Main <project folder> servers|agent|api|gateway|soak[:minutes]}: prints what it measures.
 */
public final class Main {
  private static final int SOAK_MINUTES = 30;

  private Main() {}

  public static void main(String[] args) throws Exception {
    Path project = Path.of(args[0]).toRealPath();
    Path jar = project.resolve("agent/target/agent.jar");
    String what = args[1];
    Path scratch = Files.createTempDirectory("liberclaw-bench");
    try {
      if (what.equals("servers") || what.equals("agent") || what.equals("api")) {
        if (!what.equals("api")) {
          agent(jar, scratch);
        }
        if (!what.equals("agent")) {
          new ApiBench(project.resolve("api/target/api.jar"), scratch).run();
        }
      } else if (what.equals("gateway")) {
        new GatewayBench(project.resolve("api/target/api.jar"), scratch).run();
      } else if (what.startsWith("soak")) {
        String minutes = what.contains(":") ? what.substring(what.indexOf(':') + 1) : "";
        Duration time =
            Duration.ofMinutes(minutes.isEmpty() ? SOAK_MINUTES : Long.parseLong(minutes));
        new Soak(jar, scratch, time).run();
      } else {
        System.err.println(
            "nothing named " + what + "; there is servers, agent, api, gateway and soak[:minutes]");
        System.exit(2);
      }
    } finally {
      delete(scratch);
    }
  }

  private static void agent(Path jar, Path scratch) throws Exception {
    new StartBench(jar, scratch).run();
    new CallBench(jar, scratch).run();
    new StreamBench(jar, scratch).run();
    new OutputBench(jar, scratch).run();
  }

  private static void delete(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(file);
      }
    }
  }
}
