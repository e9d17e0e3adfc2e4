package ai.liberclaw.core.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Some of its tests wait for seconds to pass. */
@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class WaitTimeoutsTest {
  private final WaitTimeouts timeouts = new WaitTimeouts("test-timeouts");

  @Test
  void whoWaitsTooLongIsInterrupted() {
    waitTooLong();
  }

  @Test
  void somebodyLooksAgainAfterThereWasNobody() throws InterruptedException {
    waitTooLong();
    Thread.sleep(Duration.ofMillis(1200));
    waitTooLong();
  }

  @Test
  void shortTimeoutsAreNotLookedAtWithTheLongOnes() {
    try (WaitTimeout _ = timeouts.of(Duration.ofMinutes(3))) {
      long begun = System.nanoTime();
      waitTooLong();
      assertTrue(System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(900));
    }
  }

  @Test
  void whoIsDoneInTimeIsLeftAlone() throws InterruptedException {
    try (WaitTimeout timeout = timeouts.of(Duration.ofMillis(200))) {
      for (int i = 0; i < 4; i++) {
        assertTrue(timeout.within(this::returnSoon));
      }
      assertFalse(timeout.expired());
    }
    // A further look would come now; it finds nobody.
    Thread.sleep(Duration.ofMillis(600));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  private boolean returnSoon() throws InterruptedException {
    Thread.sleep(Duration.ofMillis(100));
    return true;
  }

  @Test
  void anInterruptThatCameTooLateIsNotFoundByWhatFollows() throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try (WaitTimeout timeout = timeouts.of(Duration.ofMillis(10))) {
                boolean _ =
                    timeout.within(() -> {
                      while (!Thread.currentThread().isInterrupted()) {
                        LockSupport.parkNanos(1_000_000);
                      }
                      return true;
                    });
                if (!Thread.currentThread().isInterrupted() && timeout.expired()) {
                  taken.countDown();
                }
              }
            });
    assertTrue(taken.await(20, TimeUnit.SECONDS));
    waiting.join();
  }

  @Test
  void anInterruptFromElsewhereStays() {
    try (WaitTimeout timeout = timeouts.of(Duration.ofMinutes(1))) {
      boolean _ =
          timeout.within(() -> {
            Thread.currentThread().interrupt();
            return true;
          });
      assertTrue(Thread.interrupted());
      assertFalse(timeout.expired());
    }
  }

  @Test
  void aSilentSocketIsReadForSoLongAndNoLonger() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket peer = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket silent = server.accept();
        WaitTimeout timeout = timeouts.of(Duration.ofMillis(300))) {
      InputStream in = timeout.bound(silent.getInputStream());
      FutureTask<Throwable> reading =
          new FutureTask<>(() -> {
            assertEquals('a', in.read());
            return assertThrows(SocketTimeoutException.class, () -> in.read(new byte[8]));
          });
      Thread.ofVirtual().start(reading);
      peer.getOutputStream().write('a');
      assertTimeoutPreemptively(Duration.ofSeconds(10), () -> reading.get());
    }
  }

  @Test
  void whatAStreamThrowsByItselfIsNoTimeout() throws IOException {
    try (WaitTimeout timeout = timeouts.of(Duration.ofMinutes(1))) {
      InputStream closed = InputStream.nullInputStream();
      closed.close();
      InputStream in = timeout.bound(closed);
      IOException failure = assertThrows(IOException.class, in::read);
      assertFalse(failure instanceof SocketTimeoutException);
    }
  }

  private void waitTooLong() {
    try (WaitTimeout timeout = timeouts.of(Duration.ofMillis(10))) {
      assertThrows(
          InterruptedException.class,
          () ->
              timeout.within(() -> {
                Thread.sleep(Duration.ofMinutes(1));
                return 0;
              }));
      assertTrue(timeout.expired());
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }
}
