package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.telegram.Contact.Status;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Whether the bot is there, and whom it talks to. */
public final class TelegramRoutes {
  private static final int BODY_BYTES_MAX = 16 * 1024;
  private static final String STATUSES = "'allowed', 'pending' or 'blocked'";

  private final TelegramChannel channel;

  public TelegramRoutes(TelegramChannel channel) {
    this.channel = channel;
  }

  public void register(Router router) {
    router
        .get("/telegram/status", this::status)
        .get("/telegram/contacts", this::list)
        .patch("/telegram/contacts/{id}", this::change)
        .delete("/telegram/contacts/{id}", this::delete);
  }

  private void status(Exchange exchange) {
    Optional<TelegramMessage.Bot> bot = channel.bot();
    exchange.send(
        Json.object()
            .put("connected", channel.connected())
            .put("bot_username", bot.map(TelegramMessage.Bot::username).orElse(null))
            .put("bot_name", bot.map(TelegramMessage.Bot::name).orElse(null)));
  }

  private void list(Exchange exchange) {
    Optional<String> wanted = exchange.query("status").filter(text -> !text.isEmpty());
    Optional<Status> status = wanted.flatMap(Status::of);
    if (wanted.isPresent() && status.isEmpty()) {
      throw new Invalid(
          Invalid.Fault.of(
              "literal_error", List.of("query", "status"), "Input should be " + STATUSES));
    }
    ObjectNode body = Json.object();
    ArrayNode contacts = body.putArray("contacts");
    channel.contacts(status).forEach(contact -> contacts.add(contact.json()));
    exchange.send(body);
  }

  private void change(Exchange exchange) throws IOException {
    Fields body = exchange.json(BODY_BYTES_MAX);
    String word = body.text("status", 1, 20);
    Optional<Status> status = Status.of(word);
    if (status.isEmpty() && !word.isEmpty()) {
      body.fault(
          "status",
          "literal_error",
          "Input should be " + STATUSES,
          Json.object().put("expected", STATUSES));
    }
    body.check();
    Contact contact =
        channel.setStatus(id(exchange), status.orElseThrow()).orElseThrow(TelegramRoutes::unknown);
    exchange.send(contact.json());
  }

  private void delete(Exchange exchange) {
    if (!channel.delete(id(exchange))) {
      throw unknown();
    }
    exchange.send(Json.object().put("status", "ok"));
  }

  private static long id(Exchange exchange) {
    try {
      return Long.parseLong(exchange.path("id"));
    } catch (NumberFormatException _) {
      throw unknown();
    }
  }

  private static Refusal unknown() {
    return new Refusal(404, "Contact not found");
  }
}
