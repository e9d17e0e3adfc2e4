package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.ContentBlocks;
import ai.liberclaw.agent.turn.ChatLog.Glance;
import ai.liberclaw.agent.turn.ChatLog.TailEvent;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One reader's way through a chat's events. Used by one thread: {@link #next} blocks until there is
 * something, and asking for the next item says that the one before has reached the reader.
 */
public final class EventReader implements AutoCloseable {
  private static final int PAGE = 256;
  private static final String DONE = "{\"type\":\"done\"}";

  private final ChatLog chat;
  private final EventSource source;
  private final String chatId;
  private final @Nullable Turn only;
  private final boolean endsWhenIdle;
  private final boolean endsWithTurn;
  private final boolean deltas;
  private final long joined;

  private final Deque<TailEvent> page = new ArrayDeque<>();
  private final Deque<StreamItem> ready = new ArrayDeque<>();
  private long position;
  private volatile long passed;
  private boolean truncated;
  private @Nullable Turn introduced;
  private @Nullable Turn first;
  private long deltaReply;
  private int deltaChars;
  private @Nullable Turn textOf;
  private @Nullable Turn doneOf;
  private boolean lastWasDone;
  private boolean over;
  private Runnable onClose = () -> {};

  private EventReader(
      ChatLog chat,
      EventSource source,
      String chatId,
      @Nullable Turn only,
      long start,
      long joined,
      boolean truncated,
      boolean endsWhenIdle,
      boolean endsWithTurn,
      boolean deltas) {
    this.chat = chat;
    this.source = source;
    this.chatId = chatId;
    this.only = only;
    this.position = start;
    this.passed = start;
    this.joined = joined;
    this.truncated = truncated;
    this.endsWhenIdle = endsWhenIdle;
    this.endsWithTurn = endsWithTurn;
    this.deltas = deltas;
  }

  static EventReader ofTurn(
      ChatLog chat, EventSource source, Turn turn, long start, long joined, boolean deltas) {
    return new EventReader(
        chat, source, turn.chatId(), turn, start, joined, false, false, true, deltas);
  }

  static EventReader ofChat(
      ChatLog chat,
      EventSource source,
      String chatId,
      long start,
      long joined,
      boolean truncated,
      EventLog.Following how) {
    return new EventReader(
        chat,
        source,
        chatId,
        null,
        start,
        joined,
        truncated,
        !how.follow(),
        how.after().isEmpty() && !how.follow(),
        how.deltas());
  }

  /** The next item; empty when this reader's stream is over. Its last item was a {@code done}. */
  public Optional<StreamItem> next() throws InterruptedException {
    confirm();
    while (ready.isEmpty()) {
      if (over) {
        return Optional.empty();
      }
      Glance glance = chat.glance();
      if (page.isEmpty()) {
        page.addAll(fetch());
      }
      if (!page.isEmpty()) {
        show(page.removeFirst());
      } else if (glance.closing()) {
        end(restarting());
      } else if (!live(glance) && !ended(glance)) {
        chat.awaitChange(glance);
      }
    }
    return Optional.of(ready.removeFirst());
  }

  /** True when {@link #next} has something to give without waiting for the future. */
  public boolean hasSomething() {
    Glance glance = chat.glance();
    if (page.isEmpty() && ready.isEmpty()) {
      page.addAll(fetch());
    }
    return !page.isEmpty()
        || !ready.isEmpty()
        || over
        || glance.closing()
        || glance.running() != null
        || (glance.idle() && endsWhenIdle);
  }

  /** The reader is gone. What it was given last may not have arrived. */
  @Override
  public void close() {
    chat.detach(this);
    onClose.run();
    if (doneOf != null) {
      source.undelivered(doneOf);
    }
  }

  void onClose(Runnable action) {
    onClose = action;
  }

  /** The number up to which everything has reached the reader. */
  long passed() {
    return passed;
  }

  /** The item given last has been written. */
  private void confirm() {
    passed = position;
    doneOf = null;
  }

  private List<TailEvent> fetch() {
    boolean live = position >= joined;
    List<TailEvent> newest = chat.after(position, live);
    if (newest != null) {
      return newest;
    }
    List<TailEvent> stored = new ArrayList<>();
    for (LoggedEvent event : source.after(chatId, position, PAGE)) {
      // What came after this reader is taken from the live end, where its text is known too.
      if (live || event.seq() <= joined) {
        stored.add(new TailEvent(event, 0));
      }
    }
    return stored;
  }

  private void show(TailEvent next) {
    LoggedEvent event = next.event();
    position = event.seq();
    if (only != null && !only.id().equals(event.turnId())) {
      return;
    }
    if (only == null && !isIntroduced(event.turnId())) {
      introduce(source.turn(event.turnId()).orElse(unknown(event.turnId())));
    }
    if (event.type().equals(TurnEvent.TEXT)) {
      restOfText(next);
      textOf = only != null ? only : introduced;
    }
    if (event.endsTurn()) {
      if (textOf != null && !textOf.resumes() && textOf.id().equals(event.turnId())) {
        // Before the reader can act on the end and fetch what is pending.
        source.delivered(textOf);
        doneOf = textOf;
      }
      textOf = null;
      over = endsWithTurn && endsWith(event.turnId());
    }
    ready.add(new StreamItem(event.seq(), event.json()));
    lastWasDone = event.endsTurn();
  }

  /** A turn that is cancelled while it waits ends before the one that runs, which was joined. */
  private boolean endsWith(String turnId) {
    return first == null || first.id().equals(turnId) || chat.isBroken(first.id());
  }

  private Turn unknown(String turnId) {
    return new Turn(turnId, chatId, "", NewTurn.MODE_CHAT, true);
  }

  /** A reader of deltas that was there while the text was written gets all of it in pieces. */
  private void restOfText(TailEvent text) {
    if (!deltas || text.reply() == 0 || text.event().seq() <= joined) {
      return;
    }
    String content = Json.parse(text.event().json()).path("content").asText();
    int from = deltaReply == text.reply() ? deltaChars : 0;
    if (from < content.length()) {
      ready.add(delta(content.substring(from)));
    }
  }

  /** Shows what has no number: the turn that runs, and its text so far. */
  private boolean live(Glance glance) {
    Turn running = glance.running();
    if (running == null || (only != null && !only.id().equals(running.id()))) {
      return false;
    }
    if (only == null && !isIntroduced(running.id())) {
      introduce(running);
      return true;
    }
    if (!deltas) {
      return false;
    }
    int from = deltaReply == glance.reply() ? deltaChars : 0;
    String text = chat.partial(glance.reply(), from);
    if (text.isEmpty()) {
      return false;
    }
    deltaReply = glance.reply();
    deltaChars = from + text.length();
    ready.add(delta(text));
    return true;
  }

  /** Ends the stream when nothing more is to come for this reader. */
  private boolean ended(Glance glance) {
    boolean finished = only != null ? !chat.isOpen(only.id()) : endsWhenIdle && glance.idle();
    if (!finished || chat.glance().version() != glance.version()) {
      return false;
    }
    if (only != null && chat.isBroken(only.id())) {
      end(List.of(error("internal", "Something went wrong inside the agent."), DONE));
    } else {
      end(lastWasDone ? List.of() : List.of(DONE));
    }
    return true;
  }

  private void end(List<String> last) {
    last.forEach(json -> ready.add(StreamItem.unnumbered(json)));
    over = true;
  }

  private static List<String> restarting() {
    return List.of(error("restarting", "The agent is restarting. Reconnect to go on."), DONE);
  }

  private void introduce(Turn turn) {
    introduced = turn;
    if (first == null) {
      first = turn;
    }
    lastWasDone = false;
    ObjectNode meta =
        Json.object()
            .put("type", "stream_meta")
            .put("turn_id", turn.id())
            .<ObjectNode>set("user_message", ContentBlocks.shown(turn.message()))
            .put("mode", turn.mode());
    if (truncated) {
      truncated = false;
      meta.put("truncated", true);
    }
    ready.add(StreamItem.unnumbered(Json.writeAscii(meta)));
  }

  private boolean isIntroduced(String turnId) {
    return introduced != null && introduced.id().equals(turnId);
  }

  private static StreamItem delta(String text) {
    return StreamItem.unnumbered(
        Json.writeAscii(Json.object().put("type", "text_delta").put("content", text)));
  }

  private static String error(String code, String content) {
    return Json.writeAscii(
        Json.object().put("type", "error").put("content", content).put("code", code));
  }
}
