package ai.liberclaw.api.inference;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How calls of models ended, for meters. */
public final class InferenceCounts {
  private final Map<String, LongAdder> answered = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> failed = new ConcurrentHashMap<>();
  private final LongAdder events = new LongAdder();

  void noteAnswered(String upstream) {
    answered.computeIfAbsent(upstream, _ -> new LongAdder()).increment();
  }

  void noteFailed(String upstream) {
    failed.computeIfAbsent(upstream, _ -> new LongAdder()).increment();
  }

  void relayed(long count) {
    events.add(count);
  }

  /** Calls that a service answered with a success. */
  public long answered(String service) {
    return sum(answered, service);
  }

  /** Calls that a service did not answer, or refused. */
  public long failed(String service) {
    return sum(failed, service);
  }

  /** Events passed on. */
  public long events() {
    return events.sum();
  }

  private static long sum(Map<String, LongAdder> counts, String service) {
    LongAdder count = counts.get(service);
    return count == null ? 0 : count.sum();
  }
}
