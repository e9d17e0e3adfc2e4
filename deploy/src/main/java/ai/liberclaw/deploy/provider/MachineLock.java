package ai.liberclaw.deploy.provider;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks among all processes of this machine that use one data directory. The kernel drops them with
 * the process that holds them, however it ends. Only one object per directory may exist in a
 * process: the kernel forgets a file's lock when any descriptor of that process closes it.
 */
public final class MachineLock {
  /** Agents share this many lock files, so that none has to be deleted while somebody waits. */
  private static final int FILES = 256;

  private static final Duration RETRY = Duration.ofMillis(20);

  private final Path directory;
  private final Map<String, ReentrantLock> local = new ConcurrentHashMap<>();

  public MachineLock(Path directory) {
    this.directory = directory;
  }

  /** The name under which an agent's instance is changed. */
  public static String of(UUID agentId) {
    return "agent-%02x".formatted(Math.floorMod(agentId.hashCode(), FILES));
  }

  /** Waits for the lock up to a limit. */
  public Held acquire(String name, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    ReentrantLock mine = local.computeIfAbsent(name, _ -> new ReentrantLock());
    if (!mine.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw busy();
    }
    Optional<Held> held = Optional.empty();
    try {
      while (true) {
        held = tryFile(name, mine);
        if (held.isPresent()) {
          return held.get();
        }
        if (System.nanoTime() > deadline) {
          throw busy();
        }
        // Another process holds it, and tells nobody when it lets go.
        TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
      }
    } finally {
      if (held.isEmpty()) {
        mine.unlock();
      }
    }
  }

  /** Takes the lock when it is free. */
  public Optional<Held> tryAcquire(String name) {
    ReentrantLock mine = local.computeIfAbsent(name, _ -> new ReentrantLock());
    if (!mine.tryLock()) {
      return Optional.empty();
    }
    Optional<Held> held = Optional.empty();
    try {
      held = tryFile(name, mine);
      return held;
    } finally {
      if (held.isEmpty()) {
        mine.unlock();
      }
    }
  }

  private Optional<Held> tryFile(String name, ReentrantLock mine) {
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve(name + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      FileLock lock = null;
      try {
        lock = channel.tryLock();
      } finally {
        if (lock == null) {
          channel.close();
        }
      }
      return lock == null ? Optional.empty() : Optional.of(new Held(lock, mine));
    } catch (IOException e) {
      throw new ProviderException(
          "lock_failed", "The machine's lock files cannot be used.", true, e);
    }
  }

  private static ProviderException busy() {
    return new ProviderException(
        "busy", "Another deployment step of this agent is still ending.", true, null);
  }

  /** A lock that is held; closed by the thread that took it. */
  public static final class Held implements AutoCloseable {
    private final FileLock lock;
    private final ReentrantLock mine;

    private Held(FileLock lock, ReentrantLock mine) {
      this.lock = lock;
      this.mine = mine;
    }

    @Override
    public void close() {
      try {
        lock.channel().close();
      } catch (IOException _) {
        // The descriptor is gone either way, and the lock with it.
      } finally {
        mine.unlock();
      }
    }
  }
}
