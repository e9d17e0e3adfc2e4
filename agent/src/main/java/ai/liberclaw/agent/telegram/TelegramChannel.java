package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.approval.ApprovalDesk;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.telegram.Contact.Status;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.EventSource;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.retry.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The agent as a Telegram bot: people's messages become turns, and what turns say is sent to them.
 * Without a token it only keeps the list of contacts.
 */
public final class TelegramChannel implements AutoCloseable {
  private static final Duration RETRY_MAX = Duration.ofSeconds(60);
  private static final double RETRY_JITTER = 0.2;

  private final ContactStore contacts;
  private final @Nullable Connection connection;

  /**
   * Where everything is kept.
   *
   * @param events the stored side of the log
   */
  public record Stores(DSLContext sql, CommitQueue commits, EventSource events) {}

  /** What there is only with a token. */
  private record Connection(BotApi api, Deliveries deliveries, Poller poller) {}

  /**
   * @param desk where the owner's answers about tool calls go
   * @param mask hides secrets, the token among them
   */
  public TelegramChannel(
      TelegramSettings settings,
      Stores stores,
      EventLog log,
      TurnEngine engine,
      ApprovalDesk desk,
      Workspace workspace,
      UnaryOperator<String> mask) {
    contacts = new ContactStore(stores.sql(), stores.commits());
    if (!settings.enabled()) {
      connection = null;
      return;
    }
    DeliveryStore store = new DeliveryStore(stores.sql(), stores.commits());
    BotApi api = new BotApi(settings, mask);
    SendGate gate = new SendGate();
    Backoff backoff = new Backoff(settings.retryBase(), RETRY_MAX, RETRY_JITTER);
    Outgoing outgoing = new Outgoing(api, gate, backoff, workspace);
    Deliveries deliveries =
        new Deliveries(log, stores.events(), store, outgoing, gate, settings.stillWorkingAfter());
    IncomingFiles files = new IncomingFiles(api, gate, backoff, workspace);
    Inbox inbox = new Inbox(settings, contacts, store, engine, deliveries, files);
    ApprovalButtons buttons = new ApprovalButtons(settings.ownerId(), desk, api);
    Poller poller = new Poller(api, settings.botId(), store, inbox, buttons, backoff);
    connection = new Connection(api, deliveries, poller);
  }

  /** Begins to tell chats what they have not been told, and to take messages. */
  public void start() {
    if (connection == null) {
      return;
    }
    for (Contact contact : contacts.list(Optional.of(Status.ALLOWED))) {
      contact.chat().ifPresent(connection.deliveries()::open);
    }
    connection.deliveries().start();
    connection.poller().start();
  }

  /** No further message is taken. */
  public void stopReceiving() {
    if (connection != null) {
      connection.poller().close();
    }
  }

  /** Sends what has been said, for a while. The event log is closed by then. */
  @Override
  public void close() {
    if (connection != null) {
      connection.deliveries().close();
      connection.api().close();
    }
  }

  boolean connected() {
    return connection != null && connection.poller().connected();
  }

  Optional<TelegramMessage.Bot> bot() {
    return connection == null ? Optional.empty() : connection.poller().bot();
  }

  List<Contact> contacts(Optional<Status> status) {
    return contacts.list(status);
  }

  /** The contact as it is now; empty when there is none. */
  Optional<Contact> setStatus(long id, Status status) {
    Optional<Contact> before = contacts.find(id);
    if (before.isEmpty() || !contacts.setStatus(id, status)) {
      return Optional.empty();
    }
    Optional<Long> chat = before.get().chat();
    if (connection != null && chat.isPresent()) {
      if (status != Status.ALLOWED) {
        connection.deliveries().end(chat.get());
      } else if (!before.get().isAllowed()) {
        connection.deliveries().open(chat.get());
        connection.deliveries().say(chat.get(), "My owner has let you in. What can I do for you?");
      }
    }
    return contacts.find(id);
  }

  /** False when there is no such contact; it is a new one when it writes again. */
  boolean delete(long id) {
    Optional<Contact> contact = contacts.find(id);
    if (connection != null) {
      contact.flatMap(Contact::chat).ifPresent(connection.deliveries()::end);
    }
    return contacts.delete(id);
  }
}
