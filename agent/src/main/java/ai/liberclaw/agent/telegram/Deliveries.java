package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.EventSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;

/** The chats that are told what happens in them, each by a thread of its own. */
final class Deliveries implements AutoCloseable {
  /** How often it is looked for messages that nobody asked for. */
  private static final Duration WAITING_PERIOD = Duration.ofSeconds(1);

  private static final int WAITING_ROWS_MAX = 200;

  /** How long messages may take that are on their way when the agent stops. */
  private static final Duration LAST_SENDS_MAX = Duration.ofSeconds(3);

  private static final Logger LOG = System.getLogger(Deliveries.class.getName());

  private final EventLog log;
  private final EventSource events;
  private final DeliveryStore store;
  private final Outgoing outgoing;
  private final SendGate gate;
  private final Duration stillWorkingAfter;
  private final ConcurrentMap<Long, ChatDelivery> chats = new ConcurrentHashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();

  Deliveries(
      EventLog log,
      EventSource events,
      DeliveryStore store,
      Outgoing outgoing,
      SendGate gate,
      Duration stillWorkingAfter) {
    this.log = log;
    this.events = events;
    this.store = store;
    this.outgoing = outgoing;
    this.gate = gate;
    this.stillWorkingAfter = stillWorkingAfter;
  }

  void start() {
    Thread thread = Thread.ofVirtual().name("telegram-waiting").unstarted(this::sendWaiting);
    thread.start();
  }

  /**
   * From now on this chat is told what its turns say; what they said before it was known is not.
   */
  void open(long chat) {
    ChatDelivery ignored =
        chats.computeIfAbsent(
            chat,
            _ -> {
              String conversation = TelegramChats.conversation(chat);
              if (store.told(conversation).isEmpty()) {
                store.setTold(conversation, events.lastSeq(conversation));
              }
              ChatDelivery delivery =
                  new ChatDelivery(chat, log, store, outgoing, gate, stillWorkingAfter);
              delivery.start();
              return delivery;
            });
  }

  /** This chat is told nothing more. */
  void end(long chat) {
    ChatDelivery delivery = chats.remove(chat);
    if (delivery != null) {
      delivery.end();
    }
  }

  /** A word of the bot itself; not repeated after a restart. */
  void say(long chat, String text) {
    Thread thread =
        Thread.ofVirtual()
            .name("telegram-say")
            .unstarted(() -> {
              try {
                outgoing.text(chat, text);
              } catch (Outgoing.StoppedException _) {
                LOG.log(Level.INFO, "telegram.not_said reason=stopping");
              }
            });
    thread.start();
  }

  /** Sends what is stored, for a while; called once the log tells its readers to leave. */
  @Override
  public void close() {
    chats.values().forEach(ChatDelivery::finish);
    gate.hurry();
    long end = System.nanoTime() + LAST_SENDS_MAX.toNanos();
    try {
      for (ChatDelivery delivery : chats.values()) {
        boolean ignored = delivery.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    gate.close();
    chats.values().forEach(ChatDelivery::end);
  }

  private void sendWaiting() {
    while (gate.pause(WAITING_PERIOD)) {
      try {
        Set<String> open =
            chats.values().stream()
                .map(ChatDelivery::conversation)
                .filter(conversation -> !busy.contains(conversation))
                .collect(Collectors.toSet());
        if (open.isEmpty()) {
          continue;
        }
        Map<String, List<DeliveryStore.Waiting>> waiting =
            store.waiting(open, WAITING_ROWS_MAX).stream()
                .collect(Collectors.groupingBy(DeliveryStore.Waiting::chatId));
        chats
            .values()
            .forEach(chat -> {
              List<DeliveryStore.Waiting> messages = waiting.get(chat.conversation());
              if (messages != null) {
                sendWaiting(chat, messages);
              }
            });
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "telegram.waiting_failed", e);
      }
    }
  }

  private void sendWaiting(ChatDelivery chat, List<DeliveryStore.Waiting> messages) {
    busy.add(chat.conversation());
    Thread thread =
        Thread.ofVirtual()
            .name("telegram-waiting-chat")
            .unstarted(() -> {
              try {
                chat.waited(messages);
              } catch (Outgoing.StoppedException _) {
                LOG.log(Level.INFO, "telegram.waiting_kept reason=stopping");
              } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "telegram.waiting_failed", e);
              } finally {
                busy.remove(chat.conversation());
              }
            });
    thread.start();
  }
}
