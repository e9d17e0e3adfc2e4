package ai.liberclaw.api;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The real time or a fixed one, moved ahead by tests that wait for hours. */
public final class TestClock extends Clock {
  private final Supplier<Instant> base;
  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  TestClock() {
    this(Instant::now);
  }

  private TestClock(Supplier<Instant> base) {
    this.base = base;
  }

  /** Time that stands still until it is moved. */
  public static TestClock at(Instant start) {
    return new TestClock(() -> start);
  }

  public void advance(Duration by) {
    ahead.updateAndGet(d -> d.plus(by));
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }

  @Override
  public Instant instant() {
    return base.get().plus(ahead.get());
  }
}
