package ai.liberclaw.api.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.doctor.Finding.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where limits lie, and what a check that hangs or breaks does to the others. */
class MachineChecksTest {
  @TempDir Path directory;

  @Test
  void limitsTellGoodFromLittleFromTooLittle() {
    assertEquals(Level.OK, MachineChecks.descriptors(MachineChecks.DESCRIPTORS_GOOD).level());
    assertEquals(Level.WARN, MachineChecks.descriptors(MachineChecks.DESCRIPTORS_GOOD - 1).level());
    assertEquals(Level.FAIL, MachineChecks.descriptors(MachineChecks.DESCRIPTORS_MIN - 1).level());
    long total = Long.MAX_VALUE;
    assertEquals(Level.OK, MachineChecks.space(MachineChecks.DISK_BYTES_GOOD, total).level());
    assertEquals(Level.WARN, MachineChecks.space(MachineChecks.DISK_BYTES_GOOD - 1, total).level());
    assertEquals(Level.FAIL, MachineChecks.space(MachineChecks.DISK_BYTES_MIN - 1, total).level());
    assertEquals(Level.FAIL, MachineChecks.java(MachineChecks.JAVA_MIN - 1).level());
    assertEquals(Level.OK, WebChecks.skew("x", Duration.ofSeconds(-5)).level());
    assertEquals(Level.WARN, WebChecks.skew("x", Duration.ofSeconds(6)).level());
    assertEquals(Level.FAIL, WebChecks.skew("x", Duration.ofSeconds(-61)).level());
  }

  @Test
  void aSettingsFileThatOthersReadIsTold() throws Exception {
    Path file = directory.resolve(".env");
    assertEquals(Level.OK, MachineChecks.settingsFile(file).level());
    Files.writeString(file, "A=b");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertEquals(Level.WARN, MachineChecks.settingsFile(file).level());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertEquals(Level.OK, MachineChecks.settingsFile(file).level());
  }

  @Test
  void aDirectoryThatIsNotThereYetIsJudgedByTheOneItWillBeIn() {
    Path absent = directory.resolve("a/b");
    assertEquals(1, MachineChecks.disk(absent).size());
    assertTrue(Files.notExists(absent), "looking changes nothing");
  }

  @Test
  void secretsThatCanBeGuessedOrAreUsedTwiceAreTold() {
    List<Finding> weak =
        PlatformChecks.secrets(Map.of("A_SECRET", "changemechangemechangemechangeme"));
    assertEquals(Level.FAIL, weak.getFirst().level());
    String good = "0123456789abcdef0123456789abcdef";
    List<Finding> same = PlatformChecks.secrets(Map.of("A_SECRET", good, "B_SECRET", good));
    assertEquals(List.of(Level.WARN, Level.WARN), same.stream().map(Finding::level).toList());
    assertTrue(same.stream().noneMatch(finding -> finding.text().contains(good)));
    assertEquals(Level.OK, PlatformChecks.secrets(Map.of("A_SECRET", good)).getFirst().level());
  }

  @Test
  void aCheckThatHangsOrBreaksFailsAloneAndInTime() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    long began = System.nanoTime();
    Doctor.Report report =
        new Doctor(Duration.ofMillis(200))
            .run(
                List.of(
                    new Check(
                        "hangs",
                        () -> {
                          never.await();
                          return List.of();
                        }),
                    new Check(
                        "breaks",
                        () -> {
                          throw new IllegalStateException("secret-in-a-message");
                        }),
                    new Check("works", () -> List.of(Finding.ok("fine")))));
    assertTrue(Duration.ofNanos(System.nanoTime() - began).toSeconds() < 5);
    assertEquals(2, report.count(Level.FAIL));
    assertEquals(Level.OK, report.findings().getOrDefault("works", List.of()).getFirst().level());
    assertTrue(!report.text().contains("secret-in-a-message"), report.text());
    assertEquals(List.of("hangs", "breaks", "works"), List.copyOf(report.findings().keySet()));
  }
}
