package ai.liberclaw.api.chat;

import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The relays at work on this server, ended together when it stops. */
final class Relays {
  private static final Duration END_WAIT_MAX = Duration.ofSeconds(5);

  private final OpenStreams streams;
  private final Set<Relay> relays = ConcurrentHashMap.newKeySet();

  Relays(OpenStreams streams) {
    this.streams = streams;
  }

  /**
   * Serves a relay's client, and ends it with the others when the server stops.
   *
   * @throws Refusal 503 when it stops already
   */
  void serve(Relay relay, Exchange exchange) throws Exception {
    relays.add(relay);
    // It may outlive its client: until the agent's side is closed it must be found by a drain.
    relay.onEnd(() -> relays.remove(relay));
    if (streams.isStopping()) {
      relay.abandon();
      streams.requireOpen();
    }
    relay.serve(exchange, streams);
  }

  /**
   * Takes no more streams, and tells the open ones to come back later. Returns once all know and
   * the agents' sides are closed, so that nothing of them is left to note.
   */
  void drain() {
    streams.stop();
    List<Thread> telling =
        relays.stream()
            .map(relay ->
                Thread.ofVirtual()
                    .name("drain")
                    .start(() -> {
                      relay.shutDown();
                      relay.awaitEnd(END_WAIT_MAX);
                    }))
            .toList();
    for (Thread thread : telling) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
