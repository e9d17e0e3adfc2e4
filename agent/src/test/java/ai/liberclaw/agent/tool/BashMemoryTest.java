package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Alone, because it measures a heap that other tests would use too. */
@Isolated
final class BashMemoryTest {
  @TempDir Path folder;

  @Test
  void w28TenMegabytesOfOutputTakeLittleMemory() throws Exception {
    try (Scene scene = new Scene(folder)) {
      scene.bash("true");
      var memory = ManagementFactory.getMemoryMXBean();
      System.gc();
      long before = memory.getHeapMemoryUsage().getUsed();
      long[] peak = {before};
      FutureTask<String> call =
          new FutureTask<>(
              () -> scene.bash("head -c 10485760 /dev/zero | tr '\\0' 'x'; sleep 0.3"));
      Thread.ofVirtual().start(call);
      while (!call.isDone()) {
        System.gc();
        peak[0] = Math.max(peak[0], memory.getHeapMemoryUsage().getUsed());
        LockSupport.parkNanos(50_000_000);
      }
      assertTrue(call.get().contains("10485775 characters in total"), call.get().substring(14_990));
      assertTrue(peak[0] - before < 32L << 20, "heap grew by " + (peak[0] - before));
    }
  }
}
