package ai.liberclaw.agent.telegram;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.retry.Backoff;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fetches updates by long polling, in their order. Telegram forgets an update when a later one is
 * asked for, and that happens once what it says is stored.
 */
final class Poller implements AutoCloseable {
  private static final Duration HELD = Duration.ofSeconds(30);
  private static final int UPDATES_MAX = 100;

  /** The parts of an album come as updates of their own, close together. */
  private static final Duration ALBUM_GAP = Duration.ofMillis(500);

  private static final int ALBUM_LOOKS_MAX = 6;

  /** How often an update that cannot be handled is tried before it is left out. */
  private static final int ATTEMPTS_MAX = 3;

  private static final Duration STOP_MAX = Duration.ofSeconds(2);
  private static final Logger LOG = System.getLogger(Poller.class.getName());

  private final BotApi api;
  private final String botId;
  private final DeliveryStore store;
  private final Inbox inbox;
  private final ApprovalButtons buttons;
  private final Backoff backoff;
  private final Map<Long, Integer> failed = new HashMap<>();
  private final Thread thread = Thread.ofVirtual().name("telegram-poll").unstarted(this::run);
  private volatile TelegramMessage.@Nullable Bot bot;
  private volatile boolean connected;
  private volatile boolean stopping;

  Poller(
      BotApi api,
      String botId,
      DeliveryStore store,
      Inbox inbox,
      ApprovalButtons buttons,
      Backoff backoff) {
    this.api = api;
    this.botId = botId;
    this.store = store;
    this.inbox = inbox;
    this.buttons = buttons;
    this.backoff = backoff;
  }

  void start() {
    thread.start();
  }

  /** Whether the last thing that was asked of Telegram was answered. */
  boolean connected() {
    return connected;
  }

  /** Who the bot is; empty until Telegram has said it. */
  Optional<TelegramMessage.Bot> bot() {
    return Optional.ofNullable(bot);
  }

  /** No further update is taken. */
  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    try {
      if (thread.isAlive() && !thread.join(STOP_MAX)) {
        LOG.log(Level.WARNING, "telegram.poll_lingers");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    connected = false;
  }

  private void run() {
    int failures = 0;
    while (!stopping) {
      try {
        TelegramMessage.Bot me = bot;
        if (me == null || !connected) {
          me = connect();
        }
        handle(me, updates(me));
        failures = 0;
      } catch (BotApiException e) {
        connected = false;
        failures++;
        if (!waited(e, failures)) {
          return;
        }
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException e) {
        failures++;
        if (stopping || !waited(e, failures)) {
          return;
        }
      }
    }
  }

  private TelegramMessage.Bot connect() throws BotApiException {
    JsonNode me = api.call("getMe", Json.object());
    TelegramMessage.Bot found =
        new TelegramMessage.Bot(
            me.path("id").asLong(),
            me.path("username").asText(""),
            me.path("first_name").asText(""));
    // With a webhook there are no updates to fetch.
    JsonNode ignored = api.call("deleteWebhook", Json.object().put("drop_pending_updates", false));
    if (bot == null) {
      LOG.log(Level.INFO, "telegram.connected bot={0}", found.username());
    }
    bot = found;
    connected = true;
    return found;
  }

  /** The next updates, and all parts of the albums among them. */
  private List<JsonNode> updates(TelegramMessage.Bot me)
      throws BotApiException, InterruptedException {
    List<JsonNode> updates = fetch(HELD);
    for (int looks = 0; looks < ALBUM_LOOKS_MAX && hasAlbum(updates, me); looks++) {
      Thread.sleep(ALBUM_GAP);
      List<JsonNode> again = fetch(Duration.ZERO);
      boolean grown = again.size() > updates.size();
      updates = again;
      if (!grown) {
        break;
      }
    }
    return updates;
  }

  private static boolean hasAlbum(List<JsonNode> updates, TelegramMessage.Bot me) {
    return updates.stream()
        .map(update -> TelegramMessage.of(update, me))
        .anyMatch(message -> message.isPresent() && !message.get().album().isEmpty());
  }

  private List<JsonNode> fetch(Duration held) throws BotApiException {
    ObjectNode parameters =
        Json.object().put("timeout", held.toSeconds()).put("limit", UPDATES_MAX);
    parameters.putArray("allowed_updates").add("message").add("callback_query");
    Optional<Long> next = store.nextUpdate(botId);
    next.ifPresent(offset -> parameters.put("offset", offset));
    JsonNode result = api.poll("getUpdates", parameters, held);
    List<JsonNode> updates = new ArrayList<>();
    for (JsonNode update : result) {
      if (update.path("update_id").isIntegralNumber()) {
        if (update.path("update_id").asLong() >= next.orElse(Long.MIN_VALUE)) {
          updates.add(update);
        }
      } else {
        LOG.log(Level.WARNING, "telegram.update_malformed");
      }
    }
    if (updates.isEmpty() && !result.isEmpty()) {
      throw new BotApiException(
          "getUpdates",
          BotApiException.Kind.UNCERTAIN,
          0,
          "no update that can be read",
          Duration.ZERO);
    }
    updates.sort((a, b) -> Long.compare(id(a), id(b)));
    return updates;
  }

  private void handle(TelegramMessage.Bot me, List<JsonNode> updates) throws InterruptedException {
    List<JsonNode> left = new ArrayList<>(updates);
    while (!left.isEmpty()) {
      JsonNode first = left.removeFirst();
      Optional<TelegramMessage> message = TelegramMessage.of(first, me);
      if (message.isPresent()) {
        TelegramMessage whole = message.get();
        for (JsonNode update : List.copyOf(left)) {
          Optional<TelegramMessage> part = TelegramMessage.of(update, me);
          if (part.isPresent() && part.get().belongsWith(whole)) {
            whole = whole.with(part.get());
            left.remove(update);
          }
        }
        take(whole, me);
      }
      if (first.has("callback_query")) {
        buttons.pressed(first.path("callback_query"));
      }
      failed.remove(id(first));
      store.setNextUpdate(botId, left.isEmpty() ? lastOf(updates) + 1 : id(left.getFirst()));
    }
  }

  /** An update that fails again and again must not keep all later ones waiting. */
  private void take(TelegramMessage message, TelegramMessage.Bot me) throws InterruptedException {
    try {
      inbox.take(message, me);
    } catch (RuntimeException e) {
      boolean leaving = e instanceof Refusal refusal && refusal.status() == 503;
      int attempts = failed.merge(message.updateId(), 1, Integer::sum);
      if (stopping || leaving || attempts < ATTEMPTS_MAX) {
        throw e;
      }
      LOG.log(
          Level.ERROR,
          "telegram.update_left_out update=" + message.updateId() + " attempts=" + attempts,
          e);
    }
  }

  private boolean waited(Exception e, int failures) {
    boolean named = e instanceof BotApiException api && api.retryAfter().isPositive();
    Duration wait =
        e instanceof BotApiException refused && named
            ? refused.retryAfter()
            : backoff.delay(failures);
    if (stopping) {
      return false;
    }
    String reason = e instanceof BotApiException ? e.getMessage() : e.getClass().getSimpleName();
    LOG.log(
        Level.WARNING,
        "telegram.disconnected attempt={0} wait={1} reason={2}",
        String.valueOf(failures),
        wait,
        reason);
    try {
      Thread.sleep(wait);
      return true;
    } catch (InterruptedException _) {
      return false;
    }
  }

  private static long id(JsonNode update) {
    return update.path("update_id").asLong();
  }

  private static long lastOf(List<JsonNode> updates) {
    return id(updates.getLast());
  }
}
