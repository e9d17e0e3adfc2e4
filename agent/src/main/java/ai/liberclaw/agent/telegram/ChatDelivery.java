package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.EventReader;
import ai.liberclaw.agent.turn.StreamItem;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells one chat what its turns say, from where it was told last, also over restarts: the cursor
 * moves when Telegram has taken a message. What comes at its own time goes between two of those.
 */
final class ChatDelivery {
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
  private static final String FILE_SUFFIX = "_file";
  private static final Logger LOG = System.getLogger(ChatDelivery.class.getName());

  private final long chat;
  private final String conversation;
  private final EventLog log;
  private final DeliveryStore store;
  private final Outgoing outgoing;
  private final SendGate gate;
  private final Working working;
  private final ReentrantLock sending = new ReentrantLock();
  private final Thread thread;
  private volatile boolean over;

  ChatDelivery(
      long chat,
      EventLog log,
      DeliveryStore store,
      Outgoing outgoing,
      SendGate gate,
      Duration stillWorkingAfter) {
    this.chat = chat;
    this.conversation = TelegramChats.conversation(chat);
    this.log = log;
    this.store = store;
    this.outgoing = outgoing;
    this.gate = gate;
    this.working = new Working(chat, outgoing, stillWorkingAfter);
    this.thread = Thread.ofVirtual().name("telegram-" + chat).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  String conversation() {
    return conversation;
  }

  /** The chat is told nothing more. */
  void end() {
    over = true;
    thread.interrupt();
  }

  /** No further event is waited for; those that are there are still told. */
  void finish() {
    over = true;
  }

  /** False when it is still busy after the time. */
  boolean join(Duration max) throws InterruptedException {
    return thread.join(max);
  }

  /** Sends what waited for the chat, in its order, each of them once. */
  void waited(List<DeliveryStore.Waiting> messages) {
    for (DeliveryStore.Waiting message : messages) {
      sending.lock();
      try {
        if (message.source().endsWith(FILE_SUFFIX)) {
          JsonNode file = parsed(message.content());
          outgoing.file(chat, file.path("path").asText(), file.path("caption").asText());
        } else {
          outgoing.text(chat, message.content());
        }
        store.sent(message);
      } finally {
        sending.unlock();
      }
    }
  }

  private void run() {
    do {
      try {
        follow();
      } catch (InterruptedException | Outgoing.StoppedException _) {
        return;
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "telegram.delivery_failed", e);
        if (!gate.pause(AFTER_FAILURE)) {
          return;
        }
      } finally {
        working.stop();
      }
    } while (!over);
  }

  private void follow() throws InterruptedException {
    EventLog.Following how =
        new EventLog.Following(Optional.of(store.told(conversation).orElse(0L)), true, false);
    try (EventReader reader = log.follow(conversation, how)) {
      Optional<StreamItem> item = reader.next();
      while (item.isPresent()) {
        tell(item.get());
        item = reader.next();
      }
    }
  }

  private void tell(StreamItem item) {
    JsonNode event = parsed(item.json());
    String type = event.path("type").asText();
    if (item.seq() == 0) {
      // A turn that runs is announced without a number.
      if (type.equals("stream_meta")) {
        working.start();
      }
      return;
    }
    switch (type) {
      case "text" -> {
        send(() -> outgoing.text(chat, event.path("content").asText()));
        told(item);
      }
      case "file" -> {
        send(
            () -> outgoing.file(chat, event.path("path").asText(), event.path("caption").asText()));
        told(item);
      }
      case "error" -> {
        send(() -> outgoing.text(chat, "\u26a0\ufe0f " + event.path("content").asText()));
        told(item);
      }
      case "approval_required" -> {
        working.stop();
        send(() ->
            outgoing.message(chat, ApprovalButtons.question(event), ApprovalButtons.of(event)));
        told(item);
      }
      case "approval_resolved" -> working.start();
      case "done" -> working.stop();
      default -> {
        // How the agent works is not told.
      }
    }
  }

  private void send(Runnable what) {
    sending.lock();
    try {
      what.run();
    } finally {
      sending.unlock();
    }
  }

  private void told(StreamItem item) {
    store.setTold(conversation, item.seq());
    working.heard();
  }

  private static JsonNode parsed(String json) {
    try {
      return Json.parse(json);
    } catch (JsonException _) {
      return Json.object();
    }
  }
}
