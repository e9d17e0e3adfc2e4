package ai.liberclaw.agent.browser;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The pages of all chats. Chromium is started for the first of them and ended with the last; a page
 * that nobody used for a while is closed.
 */
final class ChatPages implements AutoCloseable {
  /** Pages open at once; for one more, the one used longest ago is closed. */
  static final int PAGES_MAX = 8;

  /** After this long without use a page is closed. */
  static final Duration IDLE_MAX = Duration.ofMinutes(15);

  private static final Logger LOG = System.getLogger(ChatPages.class.getName());
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);

  /** Starts a Chromium. */
  interface Launcher {
    Chromium launch(Deadline deadline) throws IOException, InterruptedException;
  }

  /** What is done with a page. */
  interface Work<T> {
    T with(ChatPage page) throws IOException, InterruptedException;
  }

  private static final class Slot {
    final ChatPage page;
    final ReentrantLock work = new ReentrantLock(true);
    int users;
    long lastUsed;

    Slot(ChatPage page) {
      this.page = page;
    }
  }

  private final Launcher launcher;
  private final Duration idleMax;
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Map<String, Slot> slots = new HashMap<>();
  private final Thread sweeper;
  private @Nullable Chromium chromium;
  private boolean closed;

  ChatPages(Launcher launcher, Duration idleMax) {
    this.launcher = launcher;
    this.idleMax = idleMax;
    this.sweeper = Thread.ofVirtual().name("browser-sweeper").start(this::sweep);
  }

  /** Does something with a chat's page, one thing after the other. */
  <T> T with(String chatId, Deadline deadline, Work<T> work)
      throws IOException, InterruptedException {
    Slot slot = take(chatId, deadline);
    boolean lost = false;
    try {
      if (!slot.work.tryLock(deadline.left(), TimeUnit.NANOSECONDS)) {
        throw busy();
      }
      try {
        return work.with(slot.page);
      } catch (BrowserFault e) {
        lost = e.lost();
        throw e;
      } finally {
        slot.work.unlock();
      }
    } finally {
      giveBack(chatId, slot, lost);
    }
  }

  private static BrowserFault busy() {
    return BrowserFault.of("the browser is busy");
  }

  private Slot take(String chatId, Deadline deadline) throws IOException, InterruptedException {
    if (!lock.tryLock(deadline.left(), TimeUnit.NANOSECONDS)) {
      throw busy();
    }
    try {
      if (closed) {
        throw BrowserFault.of("the agent is stopping");
      }
      Chromium running = running(deadline);
      Slot slot = slots.get(chatId);
      if (slot == null) {
        makeRoom();
        slot = new Slot(opened(running, deadline));
        slots.put(chatId, slot);
      }
      slot.users++;
      return slot;
    } finally {
      lock.unlock();
    }
  }

  private Chromium running(Deadline deadline) throws IOException, InterruptedException {
    Chromium current = chromium;
    if (current != null && !current.lost()) {
      return current;
    }
    end();
    Chromium started = launcher.launch(deadline);
    chromium = started;
    return started;
  }

  /** A Chromium that opens no page, and that nobody is using, makes way for another one. */
  private ChatPage opened(Chromium running, Deadline deadline)
      throws BrowserFault, InterruptedException {
    try {
      return ChatPage.open(running, deadline);
    } catch (BrowserFault e) {
      if (e.lost() && slots.values().stream().allMatch(slot -> slot.users == 0)) {
        end();
      }
      throw e;
    }
  }

  private void makeRoom() throws BrowserFault {
    if (slots.size() < PAGES_MAX) {
      return;
    }
    Optional<Map.Entry<String, Slot>> oldest =
        slots.entrySet().stream()
            .filter(entry -> entry.getValue().users == 0)
            .min(Comparator.comparingLong(entry -> entry.getValue().lastUsed));
    if (oldest.isEmpty()) {
      throw BrowserFault.of("all " + PAGES_MAX + " pages are in use");
    }
    slots.remove(oldest.get().getKey());
    oldest.get().getValue().page.close();
  }

  private void giveBack(String chatId, Slot slot, boolean lost) {
    lock.lock();
    try {
      slot.users--;
      slot.lastUsed = System.nanoTime();
      if (lost && slots.remove(chatId, slot)) {
        slot.page.close();
      }
    } finally {
      lock.unlock();
    }
  }

  private void sweep() {
    try {
      while (true) {
        Thread.sleep(idleMax.dividedBy(4));
        lock.lockInterruptibly();
        try {
          closeIdle();
        } finally {
          lock.unlock();
        }
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  private void closeIdle() {
    long now = System.nanoTime();
    List<String> idle =
        slots.entrySet().stream()
            .filter(entry -> entry.getValue().users == 0)
            .filter(entry -> now - entry.getValue().lastUsed > idleMax.toNanos())
            .map(Map.Entry::getKey)
            .toList();
    for (String chatId : idle) {
      Slot slot = slots.remove(chatId);
      if (slot != null) {
        slot.page.close();
      }
    }
    if (slots.isEmpty()) {
      end();
    }
  }

  private void end() {
    slots.values().forEach(slot -> slot.page.close());
    slots.clear();
    Chromium current = chromium;
    chromium = null;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public void close() {
    sweeper.interrupt();
    boolean held = false;
    try {
      held = lock.tryLock(CLOSE_WAIT_MAX.toNanos(), TimeUnit.NANOSECONDS);
      if (held) {
        closed = true;
        end();
      } else {
        // Whoever started it ends what is left.
        LOG.log(Level.WARNING, "browser.busy_at_close");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      if (held) {
        lock.unlock();
      }
    }
  }
}
