package ai.liberclaw.core.web;

import ai.liberclaw.core.watch.Watch;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Notices clients that leave while their requests are worked on: nothing in the server reads a
 * connection meanwhile, and nothing is written that could fail.
 */
final class HangUps {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Set<Request> requests = ConcurrentHashMap.newKeySet();
  private final Watch watch = new Watch("hang-ups", () -> !requests.isEmpty(), this::look);

  /**
   * @param gone run once, by another thread that it must not hold up, when the client has left
   * @return closed by the request's thread before it reads from the connection again; after that
   *     nothing is run
   */
  Exchange.Attendance attend(ClientConnection client, Runnable gone) {
    Request request = new Request(client, gone);
    requests.add(request);
    boolean _ = watch.begin();
    return request;
  }

  private long look() {
    requests.forEach(Request::look);
    return LOOK_EVERY.toNanos();
  }

  private final class Request implements Exchange.Attendance {
    private final ClientConnection client;
    private final Runnable gone;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean over;

    Request(ClientConnection client, Runnable gone) {
      this.client = client;
      this.gone = gone;
    }

    void look() {
      lock.lock();
      try {
        if (!over && client.isClosed()) {
          end();
          gone.run();
        }
      } finally {
        lock.unlock();
      }
    }

    private void end() {
      over = true;
      requests.remove(this);
    }

    @Override
    public void close() {
      lock.lock();
      try {
        end();
      } finally {
        lock.unlock();
      }
    }
  }
}
