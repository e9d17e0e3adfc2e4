package ai.liberclaw.agent.turn;

import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.core.secret.MaskedText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The live end of one chat's log: the newest events, the text being written, what runs and waits.
 * Writers only append here and wake readers; each reader takes what it needs in its own time, so a
 * slow one holds nobody up. What is no longer here is read from the store.
 */
final class ChatLog {
  /** Newest events kept for readers that keep up. */
  static final int TAIL_EVENTS_MAX = 256;

  /** Characters of events kept. */
  static final int TAIL_CHARS_MAX = 1024 * 1024;

  /** Replies in a row without any event: more are not told of. */
  private static final int ASIDES_MAX = 16;

  /**
   * An event and the reply it closes.
   *
   * @param reply which text being written became this event; 0 for all but texts
   * @param asides what has no number and belongs to this event: after a text, before all others
   */
  record TailEvent(LoggedEvent event, long reply, List<String> asides) {}

  /**
   * The state of the chat at one moment.
   *
   * @param version changes with everything
   * @param reply number of the text being written
   */
  record Glance(long version, @Nullable Turn running, boolean idle, boolean closing, long reply) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<TailEvent> tail = new ArrayDeque<>();
  private final Set<String> open = new LinkedHashSet<>();
  private final Set<String> silent = new HashSet<>();
  private final Set<String> broken = new HashSet<>();
  private final Set<EventReader> readers = new HashSet<>();
  private int holds;
  private final StringBuilder partial = new StringBuilder();
  private final Mask mask;
  private MaskedText writing;
  private final List<String> asides = new ArrayList<>();
  private long tailChars;
  private long version;
  private long reply = 1;
  private @Nullable Turn running;
  private boolean closing;

  /**
   * @param mask hides secrets in the text being written
   */
  ChatLog(Mask mask) {
    this.mask = mask;
    this.writing = mask.begin();
  }

  void queued(String turnId) {
    change(() -> {
      open.add(turnId);
      silent.add(turnId);
    });
  }

  /** The turn has events already. */
  void heard(String turnId) {
    change(() -> silent.remove(turnId));
  }

  boolean isSilent(String turnId) {
    lock.lock();
    try {
      return silent.contains(turnId);
    } finally {
      lock.unlock();
    }
  }

  void started(Turn turn) {
    change(() -> {
      running = turn;
      nextReply();
    });
  }

  /** Events that are in the store now, in their order. */
  void appended(LoggedEvent event) {
    change(() -> {
      silent.remove(event.turnId());
      long closes = 0;
      if (event.type().equals(TurnEvent.TEXT)) {
        closes = reply;
        nextReply();
      }
      tail.addLast(new TailEvent(event, closes, asidesOf(event)));
      tailChars += event.json().length();
      while (tail.size() > TAIL_EVENTS_MAX || (tailChars > TAIL_CHARS_MAX && tail.size() > 1)) {
        tailChars -= tail.removeFirst().event().json().length();
      }
      if (event.endsTurn()) {
        over(event.turnId());
      }
    });
  }

  /** The turn will have no further events, though it has not ended in the store. */
  void abandoned(String turnId) {
    change(() -> {
      broken.add(turnId);
      over(turnId);
    });
  }

  void delta(String text) {
    change(() -> partial.append(writing.next(text)));
  }

  /** Something without a number about the reply that is over; shown with its first event. */
  void aside(String json) {
    change(() -> {
      if (asides.size() < ASIDES_MAX) {
        asides.add(json);
      }
    });
  }

  void discarded() {
    change(this::nextReply);
  }

  void closing() {
    change(() -> closing = true);
  }

  /** Keeps this object in use while a reader is being made. */
  void hold() {
    lock.lock();
    try {
      holds++;
    } finally {
      lock.unlock();
    }
  }

  void release() {
    lock.lock();
    try {
      holds--;
    } finally {
      lock.unlock();
    }
  }

  void attach(EventReader reader) {
    lock.lock();
    try {
      readers.add(reader);
    } finally {
      lock.unlock();
    }
  }

  void detach(EventReader reader) {
    lock.lock();
    try {
      readers.remove(reader);
    } finally {
      lock.unlock();
    }
  }

  /** True when nobody reads, nothing runs and nothing waits: this object can go. */
  boolean isUnused() {
    lock.lock();
    try {
      return readers.isEmpty() && open.isEmpty() && holds == 0;
    } finally {
      lock.unlock();
    }
  }

  /** The lowest number a reader here has got past; no reader: the highest number there is. */
  long slowestReader() {
    lock.lock();
    try {
      return readers.stream().mapToLong(EventReader::passed).min().orElse(Long.MAX_VALUE);
    } finally {
      lock.unlock();
    }
  }

  Glance glance() {
    lock.lock();
    try {
      return new Glance(version, running, open.isEmpty(), closing, reply);
    } finally {
      lock.unlock();
    }
  }

  /** False once the turn's end has been shown. */
  boolean isOpen(String turnId) {
    lock.lock();
    try {
      return open.contains(turnId);
    } finally {
      lock.unlock();
    }
  }

  boolean isBroken(String turnId) {
    lock.lock();
    try {
      return broken.contains(turnId);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Events above a number, or null when some of them may be in the store alone.
   *
   * @param live everything above the number came after this object did
   */
  @Nullable List<TailEvent> after(long seq, boolean live) {
    lock.lock();
    try {
      if (tail.isEmpty() ? !live : tail.getFirst().event().seq() > seq + 1) {
        return null;
      }
      List<TailEvent> events = new ArrayList<>();
      for (TailEvent event : tail) {
        if (event.event().seq() > seq) {
          events.add(event);
        }
      }
      return events;
    } finally {
      lock.unlock();
    }
  }

  /** The text being written, from a character on; empty when another reply is being written. */
  String partial(long ofReply, int from) {
    lock.lock();
    try {
      return ofReply == reply && from < partial.length() ? partial.substring(from) : "";
    } finally {
      lock.unlock();
    }
  }

  /** Returns when anything changed since the glance. */
  void awaitChange(Glance since) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (version == since.version()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private List<String> asidesOf(LoggedEvent event) {
    if (asides.isEmpty() || running == null || !running.id().equals(event.turnId())) {
      return List.of();
    }
    List<String> due = List.copyOf(asides);
    asides.clear();
    return due;
  }

  private void over(String turnId) {
    open.remove(turnId);
    silent.remove(turnId);
    if (running != null && running.id().equals(turnId)) {
      running = null;
      asides.clear();
      nextReply();
    }
  }

  private void nextReply() {
    reply++;
    partial.setLength(0);
    writing = mask.begin();
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      version++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
