package ai.liberclaw.api.activity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What one reader of the feed gets, and when it is given up. */
class SubscriptionTest {
  @Test
  void a4AFullQueueDropsItsReaderAndNeverHoldsTheFeed() {
    List<Subscription> left = new ArrayList<>();
    Subscription events = new Subscription(Optional.empty(), left::add);
    events.begin(List.of());
    for (long position = 1; position <= Subscription.QUEUE_MAX; position++) {
      events.offer(event(position));
    }
    assertFalse(Thread.currentThread().isInterrupted());
    events.offer(event(1000));
    // Whatever it waits for, a write above all, ends with this.
    assertThrows(InterruptedException.class, () -> new CountDownLatch(1).await());
    events.offer(event(1001));
    events.end();
    events.close();
    assertFalse(Thread.interrupted(), "told once");
    events.offer(event(1002));
    assertFalse(Thread.interrupted(), "no more when it is over");
    assertEquals(List.of(events), left);
    assertTrue(events.isClosed());
  }

  @Test
  void aReaderBeginsWithTwentyOrWithAllThatItMissed() throws Exception {
    List<PublicEvent> kept =
        LongStream.rangeClosed(101, 300).mapToObj(SubscriptionTest::event).toList();
    assertEquals(positions(281, 300), begun(Optional.empty(), kept));
    assertEquals(positions(251, 300), begun(Optional.of(250L), kept));
    assertEquals(List.of(), begun(Optional.of(300L), kept));
    assertEquals(positions(101, 300), begun(Optional.of(7L), kept), "all there is");
    assertEquals(positions(281, 300), begun(Optional.of(999L), kept), "of another database");
    assertEquals(List.of(), begun(Optional.of(9L), List.of()));
  }

  private static List<Long> begun(Optional<Long> after, List<PublicEvent> kept) throws Exception {
    try (Subscription events = new Subscription(after, _ -> {})) {
      events.begin(kept);
      events.end();
      List<Long> seen = new ArrayList<>();
      for (var next = events.next(); next.isPresent(); next = events.next()) {
        seen.add(next.get().position());
      }
      return seen;
    }
  }

  private static List<Long> positions(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private static PublicEvent event(long position) {
    return new PublicEvent(
        new FeedStore.Row(
            position,
            new ActivityEvent(
                UUID.randomUUID(), "chat_message", Json.object(), true, Instant.EPOCH)));
  }
}
