package ai.liberclaw.deploy.release;

import java.util.List;

/**
 * How Java runs an agent, wherever it lives. A class cache fits only the flags it was made with.
 */
public final class AgentJvm {
  public static final List<String> FLAGS =
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

  private AgentJvm() {}
}
