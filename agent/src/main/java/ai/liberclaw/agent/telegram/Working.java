package ai.liberclaw.agent.telegram;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Shows in a chat that the agent is at work: as typing, and after a long silence in words. Used by
 * the thread that tells the chat what happens.
 */
final class Working {
  /** Telegram shows typing for five seconds. */
  private static final Duration TYPING = Duration.ofSeconds(4);

  private final long chat;
  private final Outgoing outgoing;
  private final Duration stillAfter;
  private volatile long heardAt;
  private @Nullable Thread thread;

  /**
   * @param stillAfter silence before the first word; zero is never
   */
  Working(long chat, Outgoing outgoing, Duration stillAfter) {
    this.chat = chat;
    this.outgoing = outgoing;
    this.stillAfter = stillAfter;
  }

  void start() {
    heard();
    if (thread == null) {
      thread = Thread.ofVirtual().name("telegram-typing").start(this::show);
    }
  }

  /** The chat has been told something. */
  void heard() {
    heardAt = System.nanoTime();
  }

  void stop() {
    if (thread != null) {
      thread.interrupt();
      thread = null;
    }
  }

  private void show() {
    Duration silence = stillAfter;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        outgoing.typing(chat);
        long untilWord =
            silence.isZero() ? Long.MAX_VALUE : heardAt + silence.toNanos() - System.nanoTime();
        Thread.sleep(Duration.ofNanos(Math.clamp(untilWord, 0, TYPING.toNanos())));
        if (!silence.isZero() && System.nanoTime() - heardAt >= silence.toNanos()) {
          outgoing.text(chat, "Still working on it. /stop ends it.");
          heard();
          silence = silence.multipliedBy(2);
        }
      }
    } catch (InterruptedException | Outgoing.StoppedException _) {
      // The turn is over, or the agent stops.
    }
  }
}
