package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.turn.TurnState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** What is known of all jobs, by key; in memory and stored alike. */
final class Memos {
  /** Steps of the clock that are no reason to begin anew. */
  private static final Duration CLOCK_STEP_MAX = Duration.ofMinutes(2);

  private final ScheduleStore store;

  /** Guards {@link #memos} and their agreement with the stored ones. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<String, Memo> memos = new HashMap<>();
  private boolean loaded;

  Memos(ScheduleStore store) {
    this.store = store;
  }

  Optional<Memo> find(Job job) {
    lock.lock();
    try {
      return Optional.ofNullable(loaded().get(job.key()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * The memo of a job that is in force.
   *
   * @param baseline from when on one counts that is new
   */
  Memo of(Job job, Instant baseline, Instant now) {
    lock.lock();
    try {
      Memo known = loaded().get(job.key());
      if (known == null) {
        return put(job.key(), Memo.fresh(baseline));
      }
      // The clock was set back: a job must not wait until it has caught up.
      return known.handled().isAfter(now.plus(CLOCK_STEP_MAX))
          ? put(job.key(), known.handledUpTo(now))
          : known;
    } finally {
      lock.unlock();
    }
  }

  /** What came due up to now was left out. */
  void passed(Job job, Memo memo, Instant now) {
    lock.lock();
    try {
      put(job.key(), memo.handledUpTo(now));
    } finally {
      lock.unlock();
    }
  }

  /** The same, where it makes no difference after a restart. */
  void passedForNow(Job job, Memo memo, Instant now) {
    lock.lock();
    try {
      memos.put(job.key(), memo.handledUpTo(now));
    } finally {
      lock.unlock();
    }
  }

  /** A run is about to start. */
  void starting(Job job, Instant now) {
    lock.lock();
    try {
      memos.put(job.key(), new Memo(now, Optional.empty(), Optional.of(TurnState.RUNNING)));
    } finally {
      lock.unlock();
    }
  }

  /** A run could not start. */
  void notStarted(Job job, Memo before) {
    lock.lock();
    try {
      memos.put(job.key(), before);
    } finally {
      lock.unlock();
    }
  }

  /** A run has started. It may have ended already. */
  void started(Job job, Instant now, String turnId) {
    lock.lock();
    try {
      Optional<TurnState> state = Optional.ofNullable(memos.get(job.key())).flatMap(Memo::state);
      put(job.key(), new Memo(now, Optional.of(turnId), state));
    } finally {
      lock.unlock();
    }
  }

  /** The run of a job has ended. */
  void ended(String jobId, TurnState state) {
    lock.lock();
    try {
      for (Map.Entry<String, Memo> one : List.copyOf(loaded().entrySet())) {
        Memo memo = one.getValue();
        if (memo.running() && Job.idOfKey(one.getKey()).equals(jobId)) {
          put(one.getKey(), new Memo(memo.handled(), memo.turnId(), Optional.of(state)));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets all jobs but these, and those that still run. */
  void keep(List<String> keys) {
    lock.lock();
    try {
      for (Map.Entry<String, Memo> one : List.copyOf(loaded().entrySet())) {
        if (!keys.contains(one.getKey()) && !one.getValue().running()) {
          memos.remove(one.getKey());
          store.delete(one.getKey());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private Map<String, Memo> loaded() {
    if (!loaded) {
      memos.putAll(store.load());
      loaded = true;
    }
    return memos;
  }

  private Memo put(String key, Memo memo) {
    memos.put(key, memo);
    store.put(key, memo);
    return memo;
  }
}
