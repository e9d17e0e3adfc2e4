package ai.liberclaw.agent.telegram;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds requests back for as long as Telegram asked to. A limit does not say whether it is the
 * chat's or the bot's: it is the chat's until three chats hit one within a second.
 */
final class SendGate {
  private static final int CHATS_FOR_ALL = 3;
  private static final long TOGETHER_NANOS = Duration.ofSeconds(1).toNanos();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Long, Long> chatUntil = new HashMap<>();
  private final Deque<Limited> recent = new ArrayDeque<>();
  private long allUntil = System.nanoTime();
  private boolean hurried;
  private boolean closed;

  private record Limited(long chat, long at) {}

  /** Telegram has refused a request of this chat. */
  void limited(long chat, Duration retryAfter) {
    lock.lock();
    try {
      long now = System.nanoTime();
      long until = now + retryAfter.toNanos();
      chatUntil.put(chat, until);
      recent.removeIf(one -> one.chat() == chat || now - one.at() > TOGETHER_NANOS);
      recent.add(new Limited(chat, now));
      if (recent.size() >= CHATS_FOR_ALL && until - allUntil > 0) {
        allUntil = until;
      }
    } finally {
      lock.unlock();
    }
  }

  /** True when a request of this chat would have to wait. */
  boolean isClosedFor(long chat) {
    lock.lock();
    try {
      return closed || left(chat) > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Returns when this chat may send; false when the bot stops. */
  boolean await(long chat) {
    lock.lock();
    try {
      long left = left(chat);
      while (left > 0 && !isEnding()) {
        long ignored = changed.awaitNanos(left);
        left = left(chat);
      }
      if (left <= 0) {
        chatUntil.remove(chat);
      }
      return left <= 0 && !closed;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Waits as long; false when the bot stops before. */
  boolean pause(Duration time) {
    lock.lock();
    try {
      long left = time.toNanos();
      while (left > 0 && !isEnding()) {
        left = changed.awaitNanos(left);
      }
      return left <= 0 && !closed;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** The bot stops: what can be sent at once still is, but nobody waits any longer. */
  void hurry() {
    lock.lock();
    try {
      hurried = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more is sent. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isEnding() {
    return hurried || closed;
  }

  private long left(long chat) {
    long now = System.nanoTime();
    return Math.max(allUntil - now, chatUntil.getOrDefault(chat, now) - now);
  }
}
