package ai.liberclaw.api.inference;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How calls of models ended, for meters. */
public final class InferenceCounts {
  private final Map<String, LongAdder> answered = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> failed = new ConcurrentHashMap<>();
  private final LongAdder events = new LongAdder();

  void answered(String upstream) {
    answered.computeIfAbsent(upstream, _ -> new LongAdder()).increment();
  }

  void failed(String upstream) {
    failed.computeIfAbsent(upstream, _ -> new LongAdder()).increment();
  }

  void relayed(long count) {
    events.add(count);
  }

  /** Calls that a service answered with a success, by its name. */
  public Map<String, Long> answered() {
    return sums(answered);
  }

  /** Calls that a service did not answer, or refused, by its name. */
  public Map<String, Long> failed() {
    return sums(failed);
  }

  /** Events passed on. */
  public long events() {
    return events.sum();
  }

  private static Map<String, Long> sums(Map<String, LongAdder> counts) {
    Map<String, Long> sums = new TreeMap<>();
    counts.forEach((name, count) -> sums.put(name, count.sum()));
    return sums;
  }
}
