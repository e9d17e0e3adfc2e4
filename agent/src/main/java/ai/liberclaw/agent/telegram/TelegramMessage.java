package ai.liberclaw.agent.telegram;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A message of an update, or an album of them.
 *
 * @param updateId of the first of its updates
 * @param chat Telegram's id
 * @param chatType {@code private}, {@code group} or {@code supergroup}
 * @param album empty for a message of its own
 * @param addressed in a group: it names the bot, or answers it
 * @param text what was said, without the bot's name; may be empty
 */
record TelegramMessage(
    long updateId,
    long chat,
    String chatType,
    String chatTitle,
    Sender from,
    String album,
    boolean addressed,
    String text,
    List<Attachment> files) {
  private static final int NAME_LENGTH_MAX = 64;
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\s]+");

  /**
   * Who wrote it.
   *
   * @param username empty for none
   */
  record Sender(long id, String name, String username) {}

  /**
   * A file of a message.
   *
   * @param bytes 0 when Telegram does not say
   */
  record Attachment(String fileId, String kind, String name, long bytes) {}

  /** The bot itself. */
  record Bot(long id, String username, String name) {}

  /** The message of an update; empty when it has none that a person sent to a bot. */
  static Optional<TelegramMessage> of(JsonNode update, Bot bot) {
    JsonNode message = update.path("message");
    JsonNode chat = message.path("chat");
    JsonNode from = message.path("from");
    String type = chat.path("type").asText();
    boolean known = type.equals("private") || type.equals("group") || type.equals("supergroup");
    if (!known
        || !chat.path("id").isIntegralNumber()
        || !from.path("id").isIntegralNumber()
        || from.path("is_bot").asBoolean()) {
      return Optional.empty();
    }
    String said =
        (message.has("text") ? message.path("text") : message.path("caption"))
            .asText("")
            .replace("\0", "");
    Pattern name = Pattern.compile("(?i)@" + Pattern.quote(bot.username()) + "(?![A-Za-z0-9_])");
    boolean addressed =
        name.matcher(said).find()
            || message.path("reply_to_message").path("from").path("id").asLong() == bot.id();
    return Optional.of(
        new TelegramMessage(
            update.path("update_id").asLong(),
            chat.path("id").asLong(),
            type,
            name(chat.path("title").asText("")),
            new Sender(
                from.path("id").asLong(),
                name(from.path("first_name").asText("") + " " + from.path("last_name").asText("")),
                name(from.path("username").asText(""))),
            message.path("media_group_id").asText(""),
            addressed,
            name.matcher(said).replaceAll("").strip(),
            files(message)));
  }

  boolean isPrivate() {
    return chatType.equals("private");
  }

  /** Who the owner lets in: the user, or the group as a whole. */
  String contactId() {
    return Long.toString(isPrivate() ? from.id() : chat);
  }

  String contactName() {
    return isPrivate() ? from.name() : chatTitle;
  }

  String contactUsername() {
    return isPrivate() ? from.username() : "";
  }

  /** The lower-case name of the command that the text begins with; empty for none. */
  String command() {
    if (!text.startsWith("/")) {
      return "";
    }
    return text.split("\\s", 2)[0].substring(1).toLowerCase(Locale.ROOT);
  }

  boolean belongsWith(TelegramMessage other) {
    return !album.isEmpty() && album.equals(other.album) && chat == other.chat;
  }

  /** This message and a later part of its album. */
  TelegramMessage with(TelegramMessage part) {
    List<Attachment> all = new ArrayList<>(files);
    all.addAll(part.files);
    return new TelegramMessage(
        updateId,
        chat,
        chatType,
        chatTitle,
        from,
        album,
        addressed || part.addressed,
        text.isEmpty() ? part.text : text,
        List.copyOf(all));
  }

  private static List<Attachment> files(JsonNode message) {
    List<Attachment> files = new ArrayList<>();
    JsonNode sizes = message.path("photo");
    if (!sizes.isEmpty()) {
      JsonNode largest = sizes.path(sizes.size() - 1);
      add(files, largest, "photo", "photo.jpg");
    }
    for (String kind : List.of("document", "video", "audio", "voice", "video_note")) {
      // An animation comes as a document too.
      if (message.has(kind)) {
        add(files, message.path(kind), kind, defaultName(kind));
      }
    }
    return List.copyOf(files);
  }

  private static void add(List<Attachment> files, JsonNode file, String kind, String otherwise) {
    String id = file.path("file_id").asText("");
    if (!id.isEmpty()) {
      files.add(
          new Attachment(
              id,
              kind,
              file.path("file_name").asText(otherwise),
              file.path("file_size").asLong(0)));
    }
  }

  private static String defaultName(String kind) {
    return switch (kind) {
      case "video", "video_note" -> kind + ".mp4";
      case "audio" -> "audio.mp3";
      case "voice" -> "voice.ogg";
      default -> "document";
    };
  }

  /** Names are on one line and short: they stand next to what others say. */
  private static String name(String given) {
    String line = UNSEEN.matcher(given).replaceAll(" ").strip();
    int end = Math.min(line.length(), NAME_LENGTH_MAX);
    return line.substring(
        0, end > 0 && Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end);
  }
}
