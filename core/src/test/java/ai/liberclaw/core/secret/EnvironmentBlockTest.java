package ai.liberclaw.core.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class EnvironmentBlockTest {
  private static final String SECRET = "sk-environment-0123456789";

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux shows the block as a file")
  void theEnvironmentOfTheProcessNoLongerShowsTheSecret() throws Exception {
    String output = child("--enable-native-access=ALL-UNNAMED");
    assertTrue(output.contains("emptied=true kept=" + SECRET), output);
    String block = output.substring(output.indexOf("block="));
    assertTrue(block.contains("TEST_SECRET="), block);
    assertFalse(block.contains("sk-environment"), block);
    assertTrue(block.contains("TEST_OPEN=stays"), block);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux shows the block as a file")
  void withoutNativeAccessItSaysSo() throws Exception {
    String output = child("--illegal-native-access=deny");
    assertTrue(output.contains("emptied=false kept=" + SECRET), output);
  }

  private static String child(String option) throws IOException, InterruptedException {
    Path output = Files.createTempFile("environment", ".txt");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xshare:auto",
              "-XX:TieredStopAtLevel=1",
              option,
              "-cp",
              System.getProperty("java.class.path"),
              Child.class.getName());
      builder.environment().put("TEST_SECRET", SECRET);
      builder.environment().put("TEST_OPEN", "stays");
      Process child = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      assertTrue(child.waitFor(30, TimeUnit.SECONDS));
      String text = Files.readString(output, StandardCharsets.UTF_8);
      assertEquals(0, child.exitValue(), text);
      return text;
    } finally {
      Files.delete(output);
    }
  }

  /** The process whose environment is looked at. */
  static final class Child {
    public static void main(String[] args) throws IOException {
      boolean emptied = EnvironmentBlock.empty(List.of("TEST_SECRET", "TEST_NEVER_SET"));
      System.out.println("emptied=" + emptied + " kept=" + System.getenv("TEST_SECRET"));
      byte[] block = Files.readAllBytes(Path.of("/proc/self/environ"));
      System.out.println("block=" + new String(block, StandardCharsets.UTF_8).replace('\0', '\n'));
    }
  }
}
