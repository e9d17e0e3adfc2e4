package ai.liberclaw.agent.model;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what a listener hears. */
final class Recorder implements ReplyListener {
  final List<String> deltas = new CopyOnWriteArrayList<>();
  private final AtomicInteger discards = new AtomicInteger();

  @Override
  public void textDelta(String delta) {
    deltas.add(delta);
  }

  @Override
  public void discarded() {
    discards.incrementAndGet();
    deltas.clear();
  }

  int discards() {
    return discards.get();
  }

  String text() {
    return String.join("", deltas);
  }
}
