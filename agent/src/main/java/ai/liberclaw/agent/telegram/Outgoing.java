package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.workspace.ContentTypes;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.retry.Backoff;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Set;

/**
 * Sends to chats until it is sent, or until Telegram says that it never will be. Blocks meanwhile;
 * each chat has its own thread for that.
 */
final class Outgoing {
  /** Bytes of a picture that Telegram shows as a photo. */
  static final long PHOTO_BYTES_MAX = 10L << 20;

  /** Bytes of a file that a bot may send. */
  static final long FILE_BYTES_MAX = 50L << 20;

  /** UTF-16 units of a file's caption. */
  static final int CAPTION_LENGTH_MAX = 1024;

  /** How often a request without an answer is repeated: it may have been carried out each time. */
  private static final int UNCERTAIN_MAX = 3;

  private static final Set<String> PHOTO_TYPES = Set.of("image/png", "image/jpeg", "image/webp");
  private static final Logger LOG = System.getLogger(Outgoing.class.getName());

  private final BotApi api;
  private final SendGate gate;
  private final Backoff backoff;
  private final Workspace workspace;

  Outgoing(BotApi api, SendGate gate, Backoff backoff, Workspace workspace) {
    this.api = api;
    this.gate = gate;
    this.backoff = backoff;
    this.workspace = workspace;
  }

  /** The bot stops before something could be sent. */
  static final class StoppedException extends RuntimeException {}

  /** Sends a model's Markdown, in as many messages as it takes. */
  void text(long chat, String markdown) {
    for (String message : MessageSplit.of(markdown)) {
      message(chat, message, Json.object());
    }
  }

  /**
   * Sends one message.
   *
   * @param more further parameters, such as buttons
   */
  void message(long chat, String markdown, ObjectNode more) {
    ObjectNode formatted =
        more.deepCopy()
            .put("chat_id", chat)
            .put("text", TelegramHtml.of(markdown))
            .put("parse_mode", "HTML");
    try {
      send(chat, () -> api.call("sendMessage", formatted));
    } catch (BotApiException e) {
      if (e.status() != 400 || isGone(e)) {
        dropped(chat, e);
        return;
      }
      ObjectNode plain = more.deepCopy().put("chat_id", chat).put("text", markdown);
      try {
        send(chat, () -> api.call("sendMessage", plain));
      } catch (BotApiException again) {
        dropped(chat, again);
      }
    }
  }

  /** Sends a file of the workspace, or says why it cannot. */
  void file(long chat, String path, String caption) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    try {
      boolean captioned = TelegramHtml.of(caption).length() <= CAPTION_LENGTH_MAX;
      sendFile(chat, path, captioned ? caption : "");
      if (!captioned) {
        text(chat, caption);
      }
    } catch (WorkspaceRefusal e) {
      text(chat, "The file `" + name + "` could not be sent: it is not there any more.");
    } catch (IOException e) {
      LOG.log(Level.WARNING, "telegram.file_unreadable reason={0}", e.getClass().getSimpleName());
      text(chat, "The file `" + name + "` could not be read.");
    } catch (BotApiException e) {
      dropped(chat, e);
      if (!isGone(e)) {
        text(chat, "The file `" + name + "` could not be sent: Telegram refused it.");
      }
    }
  }

  /** Shows that somebody is typing; skipped when it cannot be shown now. */
  void typing(long chat) {
    if (gate.isClosedFor(chat)) {
      return;
    }
    try {
      JsonNode ignored =
          api.call("sendChatAction", Json.object().put("chat_id", chat).put("action", "typing"));
    } catch (BotApiException e) {
      if (e.isRateLimit()) {
        gate.limited(chat, e.retryAfter());
      }
    }
  }

  private void sendFile(long chat, String path, String caption)
      throws IOException, BotApiException {
    long bytes;
    try (OpenFile file = workspace.open(path)) {
      bytes = file.channel().size();
    }
    if (bytes > FILE_BYTES_MAX) {
      text(
          chat,
          "A file is too large for Telegram (" + (FILE_BYTES_MAX >> 20) + " MiB at most): " + path);
      return;
    }
    String type = ContentTypes.of(path);
    if (bytes <= PHOTO_BYTES_MAX && PHOTO_TYPES.contains(type)) {
      try {
        upload(chat, "sendPhoto", "photo", path, caption);
        return;
      } catch (BotApiException e) {
        if (e.status() != 400 || isGone(e)) {
          throw e;
        }
        // Too wide, too high, or no picture at all: as a document it goes.
      }
    }
    upload(chat, "sendDocument", "document", path, caption);
  }

  private void upload(long chat, String method, String field, String path, String caption)
      throws IOException, BotApiException {
    Map<String, String> fields =
        caption.isBlank()
            ? Map.of("chat_id", Long.toString(chat))
            : Map.of(
                "chat_id",
                Long.toString(chat),
                "caption",
                TelegramHtml.of(caption),
                "parse_mode",
                "HTML");
    try {
      send(
          chat,
          () -> {
            try (OpenFile file = workspace.open(path);
                InputStream in = file.stream()) {
              return api.upload(
                  method,
                  fields,
                  new BotApi.Attachment(
                      field, file.name(), ContentTypes.of(path), file.channel().size(), in));
            } catch (IOException e) {
              throw new UnreadableException(e);
            }
          });
    } catch (UnreadableException e) {
      throw e.reason;
    }
  }

  /** Repeats a request while there is hope. */
  private void send(long chat, Request request) throws BotApiException {
    int failures = 0;
    int uncertain = 0;
    while (true) {
      if (!gate.await(chat)) {
        throw new StoppedException();
      }
      try {
        JsonNode ignored = request.send();
        return;
      } catch (BotApiException e) {
        if (!e.isPassing()) {
          throw e;
        }
        failures++;
        if (e.kind() == BotApiException.Kind.UNCERTAIN && ++uncertain > UNCERTAIN_MAX) {
          throw e;
        }
        LOG.log(
            Level.WARNING,
            "telegram.not_sent attempt={0} reason={1}",
            String.valueOf(failures),
            e.getMessage());
        if (e.isRateLimit()) {
          gate.limited(
              chat, e.retryAfter().isPositive() ? e.retryAfter() : backoff.delay(failures));
        } else if (!gate.pause(backoff.delay(failures))) {
          throw new StoppedException();
        }
      }
    }
  }

  /** Nobody will ever be there to read it. */
  private static boolean isGone(BotApiException e) {
    return e.status() == 403 || e.description().contains("chat not found");
  }

  private static void dropped(long chat, BotApiException e) {
    LOG.log(
        Level.WARNING, "telegram.dropped chat={0} reason={1}", Long.toString(chat), e.getMessage());
  }

  @FunctionalInterface
  private interface Request {
    JsonNode send() throws BotApiException;
  }

  private static final class UnreadableException extends RuntimeException {
    private final IOException reason;

    UnreadableException(IOException reason) {
      super(reason);
      this.reason = reason;
    }
  }
}
