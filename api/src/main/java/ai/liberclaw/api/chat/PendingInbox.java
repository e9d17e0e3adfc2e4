package ai.liberclaw.api.chat;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;

/**
 * Brings what agents say on their own to their owners. Reading it at an agent may delete it there,
 * so it is kept in our outbox first and ticked off when a client has it.
 */
final class PendingInbox implements AutoCloseable {
  private static final String CHANNEL = "platform";
  private static final int DELIVERED_AT_ONCE_MAX = 200;

  /** More than a client that stalls may take; a server that dies keeps them no longer either. */
  private static final Duration CLAIM = Duration.ofMinutes(2);

  /** An agent gets this long for one answer. */
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);

  private static final Logger LOG = System.getLogger(PendingInbox.class.getName());

  private final AgentClient agents;
  private final PendingStore store;
  private final Clock clock;
  private final Set<Thread> collecting = ConcurrentHashMap.newKeySet();

  PendingInbox(AgentClient agents, PendingStore store, Clock clock) {
    this.agents = agents;
    this.store = store;
    this.clock = clock;
  }

  /**
   * Reads the agent's messages into the outbox, and waits for that so long and no longer.
   *
   * @return false when it is certain that there were none
   */
  boolean collect(ChatAgent agent, Duration wait) {
    if (agent.address().isEmpty()) {
      return false;
    }
    AgentAddress address = agent.address().get();
    return agents.capabilities(address).channels()
        ? readChannel(agent, address, wait)
        : readInbox(agent, address, wait);
  }

  /**
   * Hands the waiting messages over, oldest first, maybe none; then ticks off as many as the
   * receiver says it took.
   */
  void deliver(UUID agentId, ToIntFunction<List<PendingStore.Row>> receiver) {
    Instant now = now();
    List<PendingStore.Row> rows = store.claim(agentId, DELIVERED_AT_ONCE_MAX, now, now.plus(CLAIM));
    List<UUID> ids = rows.stream().map(PendingStore.Row::id).toList();
    int taken = 0;
    try {
      taken = receiver.applyAsInt(rows);
    } finally {
      if (taken > 0) {
        store.delivered(ids.subList(0, taken), now());
      }
      if (taken < ids.size()) {
        store.release(ids.subList(taken, ids.size()));
      }
    }
  }

  /** Waits for what agents are handing over now: they may have deleted it already. */
  @Override
  public void close() {
    Instant end = Instant.now().plus(CLOSE_WAIT_MAX);
    try {
      for (Thread thread : collecting) {
        boolean _ = thread.join(Duration.between(Instant.now(), end));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** A message in the form in which chat screens draw events. */
  static ObjectNode event(PendingStore.Row row) {
    if (row.content().startsWith("{")) {
      try {
        if (Json.parse(row.content()) instanceof ObjectNode content
            && content.path("type").asText().equals("file")) {
          return content;
        }
      } catch (JsonException _) {
        // Text that only looks like JSON.
      }
    }
    return Json.object()
        .put("type", "text")
        .put("content", row.content())
        .put("source", row.source())
        .put("pending", true);
  }

  /** What is read stays with the agent until it is told that it has arrived. */
  private boolean readChannel(ChatAgent agent, AgentAddress address, Duration wait) {
    try {
      JsonNode messages = agents.pending(address, CHANNEL, wait).path("messages");
      if (messages.isEmpty()) {
        return false;
      }
      keep(agent, messages);
      long last = 0;
      for (JsonNode message : messages) {
        last = Math.max(last, message.path("id").asLong());
      }
      long read = last;
      inBackground(agent, () -> agents.acknowledge(address, CHANNEL, read));
      return true;
    } catch (AgentException e) {
      unread(agent, e);
    } catch (RuntimeException e) {
      lost(agent, e);
    }
    return true;
  }

  /** Reading deletes, so it goes on when the wait is over. */
  private boolean readInbox(ChatAgent agent, AgentAddress address, Duration wait) {
    AtomicBoolean empty = new AtomicBoolean();
    CountDownLatch collected = new CountDownLatch(1);
    inBackground(
        agent,
        () -> {
          try {
            JsonNode messages = agents.takePending(address).path("messages");
            empty.set(messages.isEmpty());
            keep(agent, messages);
          } finally {
            collected.countDown();
          }
        });
    try {
      return !collected.await(wait.toMillis(), TimeUnit.MILLISECONDS) || !empty.get();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private interface Call {
    void run() throws AgentException;
  }

  private void inBackground(ChatAgent agent, Call call) {
    Thread thread =
        Thread.ofVirtual()
            .name("pending-" + agent.id())
            .unstarted(() -> {
              try {
                call.run();
              } catch (AgentException e) {
                unread(agent, e);
              } catch (RuntimeException e) {
                lost(agent, e);
              } finally {
                collecting.remove(Thread.currentThread());
              }
            });
    collecting.add(thread);
    thread.start();
  }

  private void keep(ChatAgent agent, JsonNode answer) {
    List<PendingStore.Incoming> messages = new ArrayList<>();
    for (JsonNode message : answer) {
      incoming(message).ifPresent(messages::add);
    }
    if (!messages.isEmpty()) {
      store.insert(agent.id(), agent.instanceId(), messages, now());
    }
  }

  private static void unread(ChatAgent agent, AgentException e) {
    LOG.log(Level.DEBUG, "pending.unread agent={0} reason={1}", agent.id(), e.getMessage());
  }

  private static void lost(ChatAgent agent, RuntimeException e) {
    LOG.log(Level.WARNING, "pending.lost agent=" + agent.id(), e);
  }

  private static Optional<PendingStore.Incoming> incoming(JsonNode message) {
    String chatId = message.path("chat_id").asText();
    String content = message.path("content").asText();
    String source = message.path("source").asText();
    // What belongs to a web conversation's own turns is in its history.
    boolean inHistory = source.equals("chat") && chatId.contains(":");
    if (content.isEmpty() || inHistory) {
      return Optional.empty();
    }
    JsonNode id = message.path("id");
    return Optional.of(
        new PendingStore.Incoming(
            id.isIntegralNumber() ? Optional.of(id.longValue()) : Optional.empty(),
            cut(chatId, 400),
            content.replace("\0", ""),
            cut(source.isEmpty() ? "system" : source, 50),
            cut(message.path("created_at").asText(), 50)));
  }

  private static String cut(String text, int max) {
    String clean = text.replace("\0", "");
    return clean.length() > max ? clean.substring(0, max) : clean;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
