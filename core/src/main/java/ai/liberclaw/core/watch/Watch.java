package ai.liberclaw.core.watch;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One virtual thread that looks after things while there are any, since a thread or a timer for
 * each of them would cost a short request more than its work.
 */
public final class Watch {
  private final String name;
  private final BooleanSupplier any;
  private final LongSupplier look;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Thread looker;

  /**
   * @param name of the thread
   * @param any whether there is something to look after
   * @param look does what is due without waiting; gives the nanoseconds until the next look
   */
  public Watch(String name, BooleanSupplier any, LongSupplier look) {
    this.name = name;
    this.any = any;
    this.look = look;
  }

  /**
   * To be called after something was added.
   *
   * @return false when somebody looks already, and may be asleep
   */
  public boolean begin() {
    boolean first = looking.compareAndSet(false, true);
    if (first) {
      Thread.ofVirtual().name(name).start(this::run);
    }
    return first;
  }

  /** Looks again now. */
  public void wake() {
    LockSupport.unpark(looker);
  }

  private void run() {
    looker = Thread.currentThread();
    do {
      while (any.getAsBoolean()) {
        LockSupport.parkNanos(look.getAsLong());
      }
      looking.set(false);
      // What was added in between found somebody looking.
    } while (any.getAsBoolean() && looking.compareAndSet(false, true));
  }
}
