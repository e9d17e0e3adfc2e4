package ai.liberclaw.bench;

import ai.liberclaw.testkit.sse.RawSse;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One person: sends messages, loses the connection now and then, comes back for what was missed,
 * and counts.
 */
final class SoakChat implements Runnable {
  private static final Duration EVENT_MAX = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final String chatId;
  private final Random random;
  private final Supplier<AgentUnderTest> agent;
  private final List<String> faults = new ArrayList<>();
  private volatile boolean stopped;
  private long last;
  private long turns;
  private long cuts;

  SoakChat(String chatId, long seed, Supplier<AgentUnderTest> agent) {
    this.chatId = chatId;
    this.random = new Random(seed);
    this.agent = agent;
  }

  void stop() {
    stopped = true;
  }

  List<String> faults() {
    return faults;
  }

  long turns() {
    return turns;
  }

  long cuts() {
    return cuts;
  }

  @Override
  public void run() {
    try {
      while (!stopped && faults.isEmpty()) {
        boolean done = false;
        try (RawSse stream = agent.get().send(chatId, "Go on, number " + turns + ".", false)) {
          done = read(stream, true);
        } catch (IOException | AssertionError _) {
          // The agent is being restarted, or the connection was lost.
        }
        for (int i = 0; !done && !stopped && i < 100; i++) {
          done = comeBack();
        }
        turns++;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean comeBack() throws InterruptedException {
    try (RawSse stream = agent.get().resume(chatId, last)) {
      return read(stream, false);
    } catch (IOException | AssertionError _) {
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
      return false;
    }
  }

  /** Returns true when the stream said that the turn is over. */
  private boolean read(RawSse stream, boolean mayCut) throws InterruptedException {
    if (stream.status() != 200) {
      throw new AssertionError("status " + stream.status());
    }
    int cutAfter = mayCut && random.nextInt(4) == 0 ? random.nextInt(6) : Integer.MAX_VALUE;
    boolean restarting = false;
    while (cutAfter-- > 0) {
      JsonNode event = stream.next(EVENT_MAX).json();
      if (event.has("seq")) {
        long seq = event.path("seq").asLong();
        if (seq != last + 1) {
          faults.add(chatId + ": " + seq + " came after " + last);
        }
        last = seq;
      }
      restarting |= event.path("code").asText().equals("restarting");
      if (event.path("type").asText().equals("done")) {
        return !restarting;
      }
    }
    cuts++;
    stream.cut();
    return false;
  }
}
