package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.AgentJvm;
import ai.liberclaw.deploy.release.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** The command line of the bundled agent, and the script that is it. */
final class Launcher {
  /** Relative to the bundle. */
  static final String JAR = "app/agent.jar";

  static final String CACHE = "app/agent.aot";
  static final String NATIVES = "app/native";

  private static final List<String> MORE_FLAGS =
      List.of("-Djava.awt.headless=true", "-Dorg.sqlite.lib.name=libsqlitejdbc.so");

  private Launcher() {}

  /** The command for a bundle unpacked here, with more flags for Java. */
  static List<String> command(String root, List<String> more) {
    List<String> command = new ArrayList<>();
    command.add(root + "/jre/bin/java");
    command.addAll(AgentJvm.FLAGS);
    command.addAll(MORE_FLAGS);
    command.add("-Dorg.sqlite.lib.path=" + root + "/" + NATIVES);
    command.addAll(more);
    command.add("-jar");
    command.add(root + "/" + JAR);
    return command;
  }

  static void write(Path tree) throws IOException {
    StringBuilder script =
        new StringBuilder(
            """
            #!/bin/sh
            # Runs the agent on its own Java. Arguments and environment are the agent's.
            root=$(readlink -f "$0") && root=${root%/*/*} || exit 1
            exec\
            """);
    for (String word : command("$root", List.of("-XX:AOTCache=$root/" + CACHE))) {
      script.append(" \\\n  \"").append(word).append('"');
    }
    script.append(" \"$@\"\n");
    Path file = tree.resolve(Release.LAUNCHER);
    Files.createDirectories(tree.resolve("bin"));
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
