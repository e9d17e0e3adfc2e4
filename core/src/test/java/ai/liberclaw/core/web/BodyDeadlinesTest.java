package ai.liberclaw.core.web;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Its tests wait for seconds to pass. */
@Execution(ExecutionMode.CONCURRENT)
class BodyDeadlinesTest {
  private final BodyDeadlines deadlines = new BodyDeadlines();

  @Test
  void aReaderThatTakesTooLongIsInterrupted() {
    readForTooLong();
  }

  @Test
  void whoIsDoneInTimeIsLeftAlone() throws InterruptedException {
    try (var _ = deadlines.reading(Duration.ofMillis(900))) {
      assertFalse(Thread.currentThread().isInterrupted());
    }
    // A second look would come now; it finds nobody.
    Thread.sleep(Duration.ofMillis(1200));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void anInterruptThatCameTooLateIsNotFoundByWhatFollows() throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    Thread watcher =
        Thread.ofVirtual()
            .start(() -> {
              try (var _ = deadlines.reading(Duration.ofMillis(10))) {
                while (!Thread.currentThread().isInterrupted()) {
                  LockSupport.parkNanos(1_000_000);
                }
              }
              if (!Thread.currentThread().isInterrupted()) {
                taken.countDown();
              }
            });
    assertTrue(taken.await(20, TimeUnit.SECONDS));
    watcher.join();
  }

  @Test
  void somebodyLooksAgainAfterThereWasNobody() throws InterruptedException {
    readForTooLong();
    Thread.sleep(Duration.ofMillis(1200));
    readForTooLong();
  }

  private void readForTooLong() {
    try (var _ = deadlines.reading(Duration.ofMillis(10))) {
      assertThrows(InterruptedException.class, () -> Thread.sleep(Duration.ofMinutes(1)));
    }
  }
}
