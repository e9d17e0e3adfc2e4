package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.telegram.Contact.Status;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.core.error.Refusal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of a message: a turn of its chat, a command, or the news that somebody wants in. A
 * message that comes again, because the agent failed before Telegram knew that it has it, is the
 * same turn again.
 */
final class Inbox {
  /** Messages of a chat that may wait behind the one that is being answered. */
  static final int WAITING_MAX = 3;

  /** Who hears of new contacts. */
  static final String OWNER_CHAT = "__owner__";

  static final String SOURCE = "telegram";

  private static final Logger LOG = System.getLogger(Inbox.class.getName());

  private final String ownerId;
  private final String botId;
  private final ContactStore contacts;
  private final DeliveryStore store;
  private final TurnEngine engine;
  private final Deliveries deliveries;
  private final IncomingFiles files;

  Inbox(
      TelegramSettings settings,
      ContactStore contacts,
      DeliveryStore store,
      TurnEngine engine,
      Deliveries deliveries,
      IncomingFiles files) {
    this.ownerId = settings.ownerId();
    this.botId = settings.botId();
    this.contacts = contacts;
    this.store = store;
    this.engine = engine;
    this.deliveries = deliveries;
    this.files = files;
  }

  /**
   * Acts on a message; what it asks for is stored when this returns.
   *
   * @throws Refusal 503 when the agent is stopping: the message is to come again
   */
  void take(TelegramMessage message, TelegramMessage.Bot bot) throws InterruptedException {
    Optional<String> command = command(message, bot);
    if (!message.isPrivate() && !message.addressed() && command.isEmpty()) {
      return;
    }
    Contact contact = contact(message);
    switch (contact.status()) {
      case ALLOWED -> {
        deliveries.open(message.chat());
        answer(message, command.orElse(""));
      }
      // They were told when they came.
      case PENDING, BLOCKED ->
          LOG.log(
              Level.INFO,
              "telegram.refused contact={0} status={1}",
              contact.telegramId(),
              contact.status().wireName());
    }
  }

  private void answer(TelegramMessage message, String command) throws InterruptedException {
    String conversation = TelegramChats.conversation(message.chat());
    switch (command) {
      case "start" ->
          deliveries.say(
              message.chat(),
              "Hello! Write to me, or send me photos and files."
                  + "\n/stop ends what I am doing, /clear makes me forget our conversation.");
      case "stop" -> {
        if (!engine.stop(conversation)) {
          deliveries.say(message.chat(), "There is nothing to stop.");
        }
      }
      case "clear" -> {
        deliveries.say(
            message.chat(),
            clear(conversation)
                ? "Our conversation is cleared."
                : "I could not stop what I am doing. Try again in a minute.");
      }
      default -> submit(message, conversation);
    }
  }

  private boolean clear(String conversation) throws InterruptedException {
    try {
      int ignored = engine.delete(conversation);
      return true;
    } catch (Refusal e) {
      LOG.log(Level.WARNING, "telegram.not_cleared reason={0}", e.getMessage());
      return false;
    }
  }

  private void submit(TelegramMessage message, String conversation) throws InterruptedException {
    String name = SOURCE + "-" + botId + "-" + message.updateId();
    if (store.isKnown(conversation, name)) {
      return;
    }
    if (store.openTurns(conversation) > WAITING_MAX) {
      deliveries.say(
          message.chat(),
          WAITING_MAX + " messages are waiting already. Send this one again when I have answered.");
      return;
    }
    String text = files.message(message);
    if (text.isBlank()) {
      deliveries.say(message.chat(), "I can read text, photos, files and recordings, not this.");
      return;
    }
    NewTurn turn = new NewTurn(conversation, text, NewTurn.MODE_CHAT, Optional.of(name), true);
    TurnEngine.Submitted ignored = engine.submit(isOwner(message) ? turn.asking() : turn);
  }

  /** In a chat with the owner alone: there, and only there, tool calls can be asked about. */
  private boolean isOwner(TelegramMessage message) {
    return message.isPrivate() && message.contactId().equals(ownerId);
  }

  /** The command of a message, if it is one for this bot. */
  private static Optional<String> command(TelegramMessage message, TelegramMessage.Bot bot) {
    String[] command = message.command().split("@", 2);
    boolean other = command.length == 2 && !command[1].equalsIgnoreCase(bot.username());
    boolean known = List.of("start", "stop", "clear").contains(command[0]);
    // In a group, where other bots are, a command must name this one.
    boolean ours = message.isPrivate() || message.addressed();
    return known && ours && !other ? Optional.of(command[0]) : Optional.empty();
  }

  private Contact contact(TelegramMessage message) {
    Optional<Contact> known = contacts.find(message.contactId());
    boolean owner = isOwner(message);
    if (known.isEmpty()) {
      contacts.add(
          message,
          owner ? Status.ALLOWED : Status.PENDING,
          owner ? Optional.empty() : Optional.of(news(message)));
      LOG.log(
          Level.INFO,
          "telegram.new_contact contact={0} type={1} owner={2}",
          message.contactId(),
          message.chatType(),
          owner);
      if (!owner) {
        deliveries.say(
            message.chat(),
            "I only talk to people my owner lets in. I have passed on that you ask.");
      }
    }
    return contacts
        .find(message.contactId())
        .orElseThrow(() -> new IllegalStateException("the contact was deleted meanwhile"));
  }

  private static Notice news(TelegramMessage message) {
    String name = message.contactName().isEmpty() ? "somebody" : message.contactName();
    String username =
        message.contactUsername().isEmpty() ? "" : " (@" + message.contactUsername() + ")";
    return new Notice(
        OWNER_CHAT,
        SOURCE,
        "New Telegram contact: "
            + (message.isPrivate() ? "" : "the group ")
            + name
            + username
            + ", id "
            + message.contactId()
            + ". Let them in or block them.");
  }
}
