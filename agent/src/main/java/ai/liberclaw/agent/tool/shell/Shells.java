package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The persistent shells of chats: made when one is first needed, closed when it has been idle, and
 * never more than a few. Commands of one chat wait for each other.
 */
final class Shells implements AutoCloseable {
  /** Shells alive at a time. */
  static final int ALIVE_MAX = 16;

  /** How long a shell may be idle. */
  static final Duration IDLE_MAX = Duration.ofMinutes(30);

  /** Chats of which it is remembered that they have lost a shell. */
  private static final int LOSSES_MAX = 1_000;

  private static final Duration LOOK = Duration.ofMinutes(1);

  private final Children children;
  private final Path data;
  private final Optional<String> bash;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Slot> slots = new HashMap<>();
  private final Set<String> losses = new HashSet<>();
  private final Thread closer;
  private boolean closed;

  /** One chat's shell; guarded by its own lock, but for the time of its last use. */
  private static final class Slot {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Shell shell;
    private volatile long used = System.nanoTime();
  }

  Shells(Children children, Path data, Optional<String> bash) {
    this.children = children;
    this.data = data;
    this.bash = bash;
    this.closer = Thread.ofVirtual().name("tool-shells").start(this::closeIdle);
  }

  /**
   * Runs a command in the chat's shell.
   *
   * @throws IOException when there can be no shell
   * @throws InterruptedException the command has been ended, or was still waiting
   */
  CommandOutcome run(String chatId, String script, Duration timeout)
      throws IOException, InterruptedException {
    Slot slot = locked(chatId);
    try {
      boolean lost = forgetLoss(chatId);
      Shell shell = slot.shell;
      if (shell == null || !shell.alive()) {
        lost |= shell != null;
        close(slot);
        shell = open();
        slot.shell = shell;
      }
      boolean told = false;
      try {
        CommandOutcome outcome = shell.run(script, timeout);
        told = true;
        return lost ? outcome.inNewShell() : outcome;
      } finally {
        if (!told) {
          remember(chatId);
        }
      }
    } finally {
      slot.used = System.nanoTime();
      slot.lock.unlock();
    }
  }

  private Slot locked(String chatId) throws IOException, InterruptedException {
    while (true) {
      Slot slot = slot(chatId);
      slot.lock.lockInterruptibly();
      if (current(chatId, slot)) {
        return slot;
      }
      // It was closed while this waited for it.
      slot.lock.unlock();
    }
  }

  private boolean current(String chatId, Slot slot) {
    lock.lock();
    try {
      return slots.get(chatId) == slot;
    } finally {
      lock.unlock();
    }
  }

  /** Where the chat's next command starts. */
  Path directory(String chatId) {
    lock.lock();
    try {
      Slot slot = slots.get(chatId);
      Shell shell = slot == null ? null : slot.shell;
      return shell == null ? children.sandbox().directory() : shell.directory();
    } finally {
      lock.unlock();
    }
  }

  private Shell open() throws IOException, InterruptedException {
    return new Shell(
        children,
        data,
        bash.orElseThrow(() -> new IOException("bash is not installed")),
        Exchanges.prefix(data));
  }

  private Slot slot(String chatId) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the agent is stopping");
      }
      Slot slot = slots.get(chatId);
      if (slot == null) {
        if (slots.size() >= ALIVE_MAX) {
          makeRoom();
        }
        slot = new Slot();
        slots.put(chatId, slot);
      }
      slot.used = System.nanoTime();
      return slot;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the shell that was used longest ago, rather one that has nothing in the background. */
  private void makeRoom() throws IOException {
    var order =
        Comparator.<Map.Entry<String, Slot>, Boolean>comparing(e -> background(e.getValue()))
            .thenComparingLong(e -> e.getValue().used);
    for (var entry : slots.entrySet().stream().sorted(order).toList()) {
      if (closeUnlessBusy(entry.getKey(), entry.getValue())) {
        return;
      }
    }
    throw new IOException(
        "all " + ALIVE_MAX + " shells of this agent are busy; try again when one has finished");
  }

  private static boolean background(Slot slot) {
    Shell shell = slot.shell;
    return shell != null && shell.hasBackground();
  }

  private boolean closeUnlessBusy(String chatId, Slot slot) {
    if (!slot.lock.tryLock()) {
      return false;
    }
    try {
      slots.remove(chatId);
      if (slot.shell != null) {
        remember(chatId);
      }
      close(slot);
      return true;
    } finally {
      slot.lock.unlock();
    }
  }

  private static void close(Slot slot) {
    Shell shell = slot.shell;
    slot.shell = null;
    if (shell != null) {
      shell.close();
    }
  }

  private void closeIdle() {
    try {
      while (true) {
        Thread.sleep(LOOK);
        closeIdle(IDLE_MAX);
      }
    } catch (InterruptedException _) {
      // The agent stops.
    }
  }

  /** Closes shells that have been idle so long; one whose sandbox holds other processes stays. */
  void closeIdle(Duration idle) {
    lock.lock();
    try {
      long now = System.nanoTime();
      for (var entry : Map.copyOf(slots).entrySet()) {
        Slot slot = entry.getValue();
        boolean needed = children.sandbox().ownProcesses() && background(slot);
        if (now - slot.used >= idle.toNanos() && !needed) {
          closeUnlessBusy(entry.getKey(), slot);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void remember(String chatId) {
    lock.lock();
    try {
      if (losses.size() < LOSSES_MAX) {
        losses.add(chatId);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean forgetLoss(String chatId) {
    lock.lock();
    try {
      return losses.remove(chatId);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closer.interrupt();
    lock.lock();
    try {
      closed = true;
      slots
          .values()
          .forEach(slot -> {
            Shell shell = slot.shell;
            if (shell != null) {
              shell.close();
            }
          });
      slots.clear();
    } finally {
      lock.unlock();
    }
  }
}
