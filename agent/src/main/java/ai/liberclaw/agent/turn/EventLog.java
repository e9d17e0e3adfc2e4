package ai.liberclaw.agent.turn;

import ai.liberclaw.core.secret.Mask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * The numbered events of all chats, as readers see them: replay from the store, then live, without
 * a gap or a repetition. An event is stored before it is shown; text being written, which has no
 * number, is shown to those who are there.
 */
public final class EventLog {
  private final EventSource source;
  private final Mask mask;
  private final ConcurrentMap<String, ChatLog> chats = new ConcurrentHashMap<>();
  private volatile boolean closing;

  /**
   * @param mask hides secrets in texts that are shown while they are written
   */
  public EventLog(EventSource source, Mask mask) {
    this.source = source;
    this.mask = mask;
  }

  /**
   * Events that were just stored, in their order. Called after each commit, by one thread at a
   * time; never blocks on a reader.
   */
  public void appended(List<LoggedEvent> events) {
    for (LoggedEvent event : events) {
      ChatLog chat = chats.get(event.chatId());
      if (chat != null) {
        chat.appended(event);
        forgetIfUnused(event.chatId());
      }
    }
  }

  /**
   * Follows one turn from its start to its {@code done}: the reader of a POST.
   *
   * @param deltas also the text being written
   */
  public EventReader follow(Turn turn, boolean deltas) {
    return open(
        turn.chatId(),
        chat -> {
          long last = source.lastSeq(turn.chatId());
          long start = source.firstSeqOf(turn.id()).map(first -> first - 1).orElse(last);
          return EventReader.ofTurn(chat, source, turn, start, last, deltas);
        });
  }

  /** Follows a chat: the reader of a GET. */
  public EventReader follow(String chatId, Following how) {
    return open(
        chatId,
        chat -> {
          long last = source.lastSeq(chatId);
          if (how.after().isEmpty()) {
            Turn running = chat.glance().running();
            long start =
                running == null
                    ? last
                    : source.firstSeqOf(running.id()).map(first -> first - 1).orElse(last);
            return EventReader.ofChat(chat, source, chatId, start, last, false, how);
          }
          long after = how.after().get();
          Optional<Long> first = source.firstSeq(chatId);
          // Without any event left, all up to the last number is gone.
          boolean truncated = after > last || after + 1 < first.orElse(last + 1);
          if (!truncated) {
            source.deliveredUpTo(chatId, after);
          }
          long start = truncated ? first.orElse(last + 1) - 1 : after;
          return EventReader.ofChat(chat, source, chatId, start, last, truncated, how);
        });
  }

  /**
   * What a reader of a chat wants.
   *
   * @param after the last number it has seen; absent: the running turn from its start
   * @param follow stay when nothing runs or waits
   * @param deltas also the text being written
   */
  public record Following(Optional<Long> after, boolean follow, boolean deltas) {}

  /**
   * How far the slowest reader of each chat has got. A final text above it is still on its way to
   * somebody.
   */
  public Map<String, Long> slowestReaders() {
    Map<String, Long> slowest = new HashMap<>();
    chats.forEach((chatId, chat) -> {
      long passed = chat.slowestReader();
      if (passed < Long.MAX_VALUE) {
        slowest.put(chatId, passed);
      }
    });
    return slowest;
  }

  /** Tells all readers, also those yet to come, to reconnect later. */
  public void close() {
    closing = true;
    chats.values().forEach(ChatLog::closing);
  }

  void queued(Turn turn) {
    chats.compute(
        turn.chatId(),
        (_, known) -> {
          ChatLog chat = known == null ? create() : known;
          chat.queued(turn.id());
          return chat;
        });
  }

  /** A turn that a former process left. */
  void recovered(Turn turn) {
    queued(turn);
    if (source.firstSeqOf(turn.id()).isPresent()) {
      with(turn, chat -> chat.heard(turn.id()));
    }
  }

  /** True while a turn waits or runs and has no event yet. */
  boolean isSilent(Turn turn) {
    ChatLog chat = chats.get(turn.chatId());
    return chat != null && chat.isSilent(turn.id());
  }

  /** False once the end of a turn has been shown. */
  boolean isOpen(Turn turn) {
    ChatLog chat = chats.get(turn.chatId());
    return chat != null && chat.isOpen(turn.id());
  }

  void started(Turn turn) {
    with(turn, chat -> chat.started(turn));
  }

  void delta(Turn turn, String text) {
    with(turn, chat -> chat.delta(text));
  }

  /** Something without a number for those who read along and want deltas. */
  void aside(Turn turn, String json) {
    with(turn, chat -> chat.aside(json));
  }

  void discarded(Turn turn) {
    with(turn, ChatLog::discarded);
  }

  void abandoned(Turn turn) {
    with(turn, chat -> chat.abandoned(turn.id()));
    forgetIfUnused(turn.chatId());
  }

  private void with(Turn turn, Consumer<ChatLog> what) {
    ChatLog chat = chats.get(turn.chatId());
    if (chat != null) {
      what.accept(chat);
    }
  }

  private EventReader open(String chatId, ReaderSource readers) {
    // Known to the writers before the store is asked, so that nothing falls between.
    ChatLog chat =
        chats.compute(
            chatId,
            (_, known) -> {
              ChatLog log = known == null ? create() : known;
              log.hold();
              return log;
            });
    if (closing) {
      // It may have come between the others being told and this one being known.
      chat.closing();
    }
    try {
      EventReader reader = readers.of(chat);
      reader.onClose(() -> forgetIfUnused(chatId));
      chat.attach(reader);
      return reader;
    } finally {
      chat.release();
      forgetIfUnused(chatId);
    }
  }

  private ChatLog create() {
    ChatLog chat = new ChatLog(mask);
    if (closing) {
      chat.closing();
    }
    return chat;
  }

  private void forgetIfUnused(String chatId) {
    chats.computeIfPresent(chatId, (_, chat) -> chat.isUnused() ? null : chat);
  }

  @FunctionalInterface
  private interface ReaderSource {
    EventReader of(ChatLog chat);
  }
}
