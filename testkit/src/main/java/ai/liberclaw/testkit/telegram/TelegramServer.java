package ai.liberclaw.testkit.telegram;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Telegram's Bot API on loopback, for one bot. People write to the bot by {@link #deliver} and the
 * methods that make messages; what the bot did is in {@link #sent}. Like the real one it keeps an
 * update until a later one is asked for, and refuses HTML that is not well-formed. It misbehaves
 * when told to by {@link #fail}.
 */
public final class TelegramServer implements AutoCloseable {
  public static final long BOT_ID = 4242;
  public static final String BOT_NAME = "claw_test_bot";

  /** The bot's token. */
  public static final String TOKEN = BOT_ID + ":abcdefghijklmnopqrstuvwxyz0123456789";

  private static final int TEXT_LENGTH_MAX = 4096;
  private static final int CAPTION_LENGTH_MAX = 1024;
  private static final int PHOTO_BYTES_MAX = 10 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final List<ObjectNode> updates = new ArrayList<>();
  private final List<Sent> sent = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final ApiListener listener;
  private long nextUpdate = 1000;
  private long nextMessage = 1;
  private boolean webhook = true;
  private boolean closed;

  /**
   * What the bot did.
   *
   * @param file what it uploaded; empty for nothing
   */
  public record Sent(String method, long chat, JsonNode parameters, Optional<SentFile> file) {
    /** The text as it is seen. */
    public String text() {
      String text = parameters.path(parameters.has("caption") ? "caption" : "text").asText("");
      return parameters.has("parse_mode") ? HtmlRules.visible(text) : text;
    }
  }

  /** A file that the bot uploaded. */
  @SuppressWarnings("ArrayRecordComponent") // A copy for the test that looks at it.
  public record SentFile(String name, byte[] bytes) {}

  /** The answer to a method. */
  record Answer(int status, ObjectNode body) {}

  private TelegramServer() throws IOException {
    listener = new ApiListener(this);
  }

  /** On a free port; a webhook is set, as a former owner of the token may have left it. */
  public static TelegramServer start() throws IOException {
    return new TelegramServer();
  }

  /** Such as {@code http://127.0.0.1:4711}. */
  public String baseUrl() {
    return "http://127.0.0.1:" + listener.port();
  }

  /** The next requests of this method go wrong, one after the other. */
  public void fail(String method, Fault... next) {
    faults.computeIfAbsent(method, _ -> new ConcurrentLinkedDeque<>()).addAll(List.of(next));
  }

  /** A private message with a text. */
  public static ObjectNode text(long user, String text) {
    return message(user, user, "private").put("text", text);
  }

  /** A message in a group with a text. */
  public static ObjectNode groupText(long group, long user, String text) {
    return message(group, user, "supergroup").put("text", text);
  }

  /** A message of the bot's that the bot can be answered to by {@code reply_to_message}. */
  public static ObjectNode ofTheBot() {
    ObjectNode message = Json.object().put("message_id", 7);
    message.putObject("from").put("id", BOT_ID).put("is_bot", true);
    return message;
  }

  /** A message without content, in which more can be put. */
  public static ObjectNode message(long chat, long user, String chatType) {
    ObjectNode message = Json.object().put("message_id", 1).put("date", 1_780_000_000);
    message.putObject("chat").put("id", chat).put("type", chatType).put("title", "A group");
    message
        .putObject("from")
        .put("id", user)
        .put("is_bot", false)
        .put("first_name", "User")
        .put("last_name", Long.toString(user))
        .put("username", "user" + user);
    return message;
  }

  /** A private message with a photo, whose bytes can be fetched. */
  public ObjectNode photo(long user, String caption, byte[] bytes) {
    ObjectNode message = message(user, user, "private").put("caption", caption);
    ArrayNode sizes = message.putArray("photo");
    sizes.addObject().put("file_id", "thumb").put("file_size", 10);
    sizes.addObject().put("file_id", keep(bytes)).put("file_size", bytes.length);
    return message;
  }

  /** A private message with a document, whose bytes can be fetched. */
  public ObjectNode document(long user, String name, byte[] bytes) {
    ObjectNode message = message(user, user, "private");
    message
        .putObject("document")
        .put("file_id", keep(bytes))
        .put("file_name", name)
        .put("file_size", bytes.length);
    return message;
  }

  /** Somebody sends messages, which arrive together; returns the last update's id. */
  public long deliver(ObjectNode... messages) {
    lock.lock();
    try {
      for (ObjectNode message : messages) {
        ObjectNode update = Json.object().put("update_id", nextUpdate++);
        update.set("message", message);
        updates.add(update);
      }
      arrived.signalAll();
      return nextUpdate - 1;
    } finally {
      lock.unlock();
    }
  }

  /** Somebody presses a button of a message of the bot's. */
  public void press(long user, String data) {
    lock.lock();
    try {
      ObjectNode update = Json.object().put("update_id", nextUpdate++);
      ObjectNode query = update.putObject("callback_query").put("id", "q1").put("data", data);
      query.putObject("from").put("id", user).put("is_bot", false);
      query.set("message", message(user, user, "private"));
      updates.add(update);
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** An update as it is, which may be any object. */
  public void deliverRaw(ObjectNode update) {
    lock.lock();
    try {
      updates.add(update);
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The id that the next update gets. */
  public long nextUpdateId() {
    lock.lock();
    try {
      return nextUpdate;
    } finally {
      lock.unlock();
    }
  }

  /** Everything that was sent, in its order, chat actions included. */
  public List<Sent> sent() {
    return List.copyOf(sent);
  }

  /** The texts of messages to a chat, as they are seen, in their order. */
  public List<String> texts(long chat) {
    return sent.stream()
        .filter(one -> one.chat() == chat && one.method().equals("sendMessage"))
        .map(Sent::text)
        .toList();
  }

  /** The methods called so far, also those that went wrong. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** Updates that the bot has not confirmed. */
  public int unconfirmed() {
    lock.lock();
    try {
      return updates.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    listener.close();
  }

  Optional<Fault> fault(String method) {
    Deque<Fault> next = faults.get(method);
    return next == null ? Optional.empty() : Optional.ofNullable(next.poll());
  }

  Optional<byte[]> file(String path) {
    return Optional.ofNullable(files.get(path));
  }

  void called(String method) {
    calls.add(method);
  }

  Answer carryOut(String method, JsonNode parameters, Map<String, Multipart.Upload> uploads)
      throws InterruptedException {
    return switch (method) {
      case "getMe" ->
          result(
              Json.object()
                  .put("id", BOT_ID)
                  .put("is_bot", true)
                  .put("first_name", "Claw")
                  .put("username", BOT_NAME));
      case "deleteWebhook" -> {
        setWebhook(false);
        yield done();
      }
      case "setWebhook" -> {
        setWebhook(true);
        yield done();
      }
      case "getUpdates" -> getUpdates(parameters);
      case "getFile" -> getFile(parameters);
      case "sendMessage", "sendPhoto", "sendDocument" -> send(method, parameters, uploads);
      case "sendChatAction", "answerCallbackQuery", "editMessageReplyMarkup" -> {
        sent.add(
            new Sent(method, parameters.path("chat_id").asLong(), parameters, Optional.empty()));
        yield done();
      }
      default -> error(404, "Not Found");
    };
  }

  static Answer error(int status, String description) {
    return new Answer(
        status,
        Json.object().put("ok", false).put("error_code", status).put("description", description));
  }

  private Answer getUpdates(JsonNode parameters) throws InterruptedException {
    long offset = parameters.path("offset").asLong(0);
    int limit = parameters.path("limit").asInt(100);
    long left = Duration.ofSeconds(parameters.path("timeout").asLong(0)).toNanos();
    lock.lockInterruptibly();
    try {
      if (webhook) {
        return error(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to"
                + " delete the webhook first");
      }
      updates.removeIf(
          update -> update.has("update_id") && update.path("update_id").asLong() < offset);
      while (updates.isEmpty() && left > 0 && !closed) {
        left = arrived.awaitNanos(left);
      }
      ArrayNode result = Json.array();
      updates.stream().limit(limit).forEach(result::add);
      // What has no number cannot be confirmed.
      updates.removeIf(update -> !update.has("update_id"));
      return result(result);
    } finally {
      lock.unlock();
    }
  }

  private Answer getFile(JsonNode parameters) {
    String id = parameters.path("file_id").asText();
    byte[] bytes = files.get("photos/" + id);
    if (bytes == null) {
      return error(400, "Bad Request: invalid file_id");
    }
    return result(
        Json.object()
            .put("file_id", id)
            .put("file_size", bytes.length)
            .put("file_path", "photos/" + id));
  }

  private Answer send(String method, JsonNode parameters, Map<String, Multipart.Upload> uploads) {
    boolean isText = method.equals("sendMessage");
    String text = parameters.path(isText ? "text" : "caption").asText("");
    boolean html = parameters.path("parse_mode").asText().equals("HTML");
    Optional<String> violation = html ? HtmlRules.violation(text) : Optional.empty();
    if (violation.isPresent()) {
      return error(400, "Bad Request: can't parse entities: " + violation.get());
    }
    String visible = html ? HtmlRules.visible(text) : text;
    if (isText && visible.isBlank()) {
      return error(400, "Bad Request: message text is empty");
    }
    if (visible.length() > (isText ? TEXT_LENGTH_MAX : CAPTION_LENGTH_MAX)) {
      return error(400, "Bad Request: message is too long");
    }
    Optional<SentFile> file = Optional.empty();
    if (!isText) {
      Multipart.Upload upload = uploads.get(method.equals("sendPhoto") ? "photo" : "document");
      if (upload == null) {
        return error(400, "Bad Request: there is no file in the request");
      }
      if (method.equals("sendPhoto") && upload.bytes().length > PHOTO_BYTES_MAX) {
        return error(400, "Bad Request: file is too big");
      }
      file = Optional.of(new SentFile(upload.name(), upload.bytes()));
    }
    long chat = parameters.path("chat_id").asLong();
    sent.add(new Sent(method, chat, parameters, file));
    lock.lock();
    try {
      ObjectNode message = Json.object().put("message_id", nextMessage++);
      message.putObject("chat").put("id", chat);
      return result(message);
    } finally {
      lock.unlock();
    }
  }

  private String keep(byte[] bytes) {
    String id = "file" + files.size();
    files.put("photos/" + id, bytes.clone());
    return id;
  }

  private void setWebhook(boolean active) {
    lock.lock();
    try {
      webhook = active;
    } finally {
      lock.unlock();
    }
  }

  private static Answer done() {
    return new Answer(200, Json.object().put("ok", true).put("result", true));
  }

  private static Answer result(JsonNode result) {
    ObjectNode body = Json.object().put("ok", true);
    body.set("result", result);
    return new Answer(200, body);
  }
}
