package ai.liberclaw.agent.tool.process;

import ai.liberclaw.agent.tool.shell.Sink;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/** The newest bytes of an output; taking them empties it. */
final class Ring implements Sink {
  private final ReentrantLock lock = new ReentrantLock();
  private final byte[] bytes;
  private long total;
  private long taken;

  Ring(int capacity) {
    this.bytes = new byte[capacity];
  }

  /**
   * What came since the last time.
   *
   * @param dropped how many bytes of it are missing at its start
   */
  record Taken(String text, long dropped) {}

  @Override
  public void write(byte[] from, int count) {
    lock.lock();
    try {
      for (int i = Math.max(0, count - bytes.length); i < count; i++) {
        bytes[(int) ((total + i) % bytes.length)] = from[i];
      }
      total += count;
    } finally {
      lock.unlock();
    }
  }

  Taken take() {
    lock.lock();
    try {
      int length = (int) Math.min(total - taken, bytes.length);
      byte[] out = new byte[length];
      for (int i = 0; i < length; i++) {
        out[i] = bytes[(int) ((total - length + i) % bytes.length)];
      }
      long dropped = total - taken - length;
      taken = total;
      return new Taken(new String(out, StandardCharsets.UTF_8), dropped);
    } finally {
      lock.unlock();
    }
  }
}
