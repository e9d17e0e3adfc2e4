package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts children on one thread that lives as long as this does: the kernel takes the thread that
 * started a child for its parent, and a sandbox that shall end with its parent would end with any
 * other thread.
 */
final class Launcher implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(10);

  private final LinkedBlockingQueue<FutureTask<Process>> requests = new LinkedBlockingQueue<>();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("tool-launcher").start(this::serve);

  private void serve() {
    try {
      while (true) {
        requests.take().run();
      }
    } catch (InterruptedException _) {
      // Nothing is started any more.
    }
  }

  /**
   * @throws IOException when the program cannot be started
   */
  Process start(ProcessBuilder builder) throws IOException, InterruptedException {
    FutureTask<Process> request = new FutureTask<>(builder::start);
    if (!thread.isAlive()) {
      throw new IOException("the agent is stopping");
    }
    requests.add(request);
    try {
      return request.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException("it could not be started: " + cause.getMessage(), e);
    } catch (InterruptedException e) {
      // Nobody will know of it, so it must not run.
      Thread.startVirtualThread(() -> end(request));
      throw e;
    }
  }

  private static void end(FutureTask<Process> request) {
    try {
      request.get(START_MAX.toMillis(), TimeUnit.MILLISECONDS).destroyForcibly();
    } catch (ExecutionException | TimeoutException | InterruptedException _) {
      request.cancel(false);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
