package ai.liberclaw.agent.journal;

import ai.liberclaw.agent.turn.LoggedEvent;
import ai.liberclaw.db.Database;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of the agent's file. Transactions that arrive while another commit is on its way
 * to the disk share the next one; each is a savepoint, so that one that fails takes no other with
 * it, unless SQLite itself gives up the whole transaction: then all of them fail. SQLite has one
 * writer anyway, and a durable commit costs a disk flush whatever its size.
 *
 * <p>The writer is a platform thread: SQLite's driver blocks inside native code, which would pin a
 * virtual thread's carrier for the time of the flush.
 */
public final class CommitQueue implements AutoCloseable {
  private static final int GROUP_MAX = 256;
  private static final Logger LOG = System.getLogger(CommitQueue.class.getName());

  private final Database database;
  private final BlockingQueue<Work<?>> queue = new LinkedBlockingQueue<>();
  private @Nullable Thread writer;
  private volatile boolean closed;

  /**
   * One transaction.
   *
   * @param events collects what it appends to chats' logs
   */
  public record Transaction(DSLContext sql, List<LoggedEvent> events) {}

  public CommitQueue(Database database) {
    this.database = database;
  }

  /**
   * Begins to write; what is asked before that waits.
   *
   * @param committed told of appended events after their commit, in their order, before whoever
   *     asked for the transaction
   */
  public void start(Consumer<List<LoggedEvent>> committed) {
    writer = Thread.ofPlatform().daemon().name("commits").start(() -> write(committed));
  }

  /**
   * Runs a transaction and returns when it is durable. An interrupt does not break it off.
   *
   * @throws IllegalStateException when the queue is closed
   */
  public <T> T commit(Function<Transaction, T> transaction) {
    Work<T> work = new Work<>(transaction);
    if (closed) {
      throw new IllegalStateException("the store is closed");
    }
    queue.add(work);
    if (closed && queue.remove(work)) {
      throw new IllegalStateException("the store is closed");
    }
    try {
      // Not interruptible: what asked must know whether it is stored.
      return work.result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** As {@link #commit}, for a transaction without a result. */
  public void run(Consumer<Transaction> transaction) {
    boolean ignored =
        commit(tx -> {
          transaction.accept(tx);
          return true;
        });
  }

  /** Writes what is queued, then ends. */
  @Override
  public void close() {
    closed = true;
    queue.add(Work.end());
    Thread thread = writer;
    if (thread == null) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(Consumer<List<LoggedEvent>> committed) {
    List<Work<?>> group = new ArrayList<>();
    boolean open = true;
    while (open) {
      group.clear();
      try {
        group.add(queue.take());
      } catch (InterruptedException _) {
        return;
      }
      queue.drainTo(group, GROUP_MAX - 1);
      open = !group.removeIf(Work::isEnd);
      if (!group.isEmpty()) {
        commit(group, committed);
      }
    }
  }

  private void commit(List<Work<?>> group, Consumer<List<LoggedEvent>> committed) {
    List<LoggedEvent> events = new ArrayList<>();
    try {
      boolean ignored =
          database.transaction(outer -> {
            group.forEach(work -> work.attempt(outer, events));
            return true;
          });
    } catch (RuntimeException | Error e) {
      // The one writer lives on, whatever it was: without it nothing would ever be stored again.
      group.forEach(work -> work.fail(e));
      return;
    }
    try {
      committed.accept(List.copyOf(events));
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "commits.readers_not_told events=" + events.size(), e);
    }
    group.forEach(Work::finish);
  }

  private static final class Work<T> {
    private final @Nullable Function<Transaction, T> transaction;
    final CompletableFuture<T> result = new CompletableFuture<>();
    private Runnable outcome = () -> {};

    Work(@Nullable Function<Transaction, T> transaction) {
      this.transaction = transaction;
    }

    static Work<Boolean> end() {
      return new Work<>(null);
    }

    boolean isEnd() {
      return transaction == null;
    }

    /** Runs inside a savepoint of the group's transaction. */
    void attempt(DSLContext outer, List<LoggedEvent> events) {
      Function<Transaction, T> work = transaction;
      if (work == null) {
        return;
      }
      List<LoggedEvent> own = new ArrayList<>();
      try {
        T value = outer.transactionResult(inner -> work.apply(new Transaction(inner.dsl(), own)));
        outcome = () -> result.complete(value);
        events.addAll(own);
      } catch (RuntimeException e) {
        if (e.getSuppressed().length > 0) {
          // It could not be undone by itself: on some errors, such as a full disk, SQLite undoes
          // the whole transaction, and what was done in it before is gone too.
          throw e;
        }
        outcome = () -> result.completeExceptionally(e);
      }
    }

    void finish() {
      outcome.run();
    }

    void fail(Throwable e) {
      result.completeExceptionally(e);
    }
  }
}
