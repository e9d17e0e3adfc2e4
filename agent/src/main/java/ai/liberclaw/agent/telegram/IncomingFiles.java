package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.image.ImageRefusal;
import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.ContentBlocks;
import ai.liberclaw.agent.workspace.ContentTypes;
import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.retry.Backoff;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Puts the files of messages into the workspace and tells the model where they are. */
final class IncomingFiles {
  /** Bytes of a file that a bot may fetch. */
  static final long FILE_BYTES_MAX = 20L << 20;

  private static final String FOLDER = "uploads/";
  private static final int NAME_LENGTH_MAX = 80;

  /** Pictures of a message that the model is shown. */
  private static final int PICTURES_MAX = 10;

  private static final int ATTEMPTS_MAX = 3;
  private static final Pattern UNSAFE = Pattern.compile("[^\\p{L}\\p{N}._-]+");
  private static final Logger LOG = System.getLogger(IncomingFiles.class.getName());

  private final BotApi api;
  private final SendGate gate;
  private final Backoff backoff;
  private final Workspace workspace;

  IncomingFiles(BotApi api, SendGate gate, Backoff backoff, Workspace workspace) {
    this.api = api;
    this.gate = gate;
    this.backoff = backoff;
    this.workspace = workspace;
  }

  /**
   * What the model is told: the text, a line for each file, and what can be seen of the pictures.
   * Blank when there is nothing.
   *
   * @throws InterruptedException when the agent stops: the message is to come again
   */
  String message(TelegramMessage message) throws InterruptedException {
    List<String> lines = new ArrayList<>();
    ArrayNode pictures = Json.array();
    if (!message.text().isBlank()) {
      lines.add(message.text());
    }
    for (int i = 0; i < message.files().size(); i++) {
      lines.add(line(message.files().get(i), message.updateId() + "-" + (i + 1), pictures));
    }
    String from = message.isPrivate() || lines.isEmpty() ? "" : message.from().name() + " writes: ";
    String text = from + String.join("\n", lines);
    if (pictures.isEmpty()) {
      return text;
    }
    ArrayNode blocks = Json.array();
    blocks.addObject().put("type", ContentBlocks.TEXT).put("text", text);
    return Json.write(blocks.addAll(pictures));
  }

  private String line(TelegramMessage.Attachment file, String number, ArrayNode pictures)
      throws InterruptedException {
    String path = FOLDER + "telegram-" + number + "-" + safeName(file.name());
    for (int attempt = 1; ; attempt++) {
      try {
        save(file, path);
        show(path, pictures);
        return "[The user sent a " + file.kind() + ": " + path + "]";
      } catch (BotApiException e) {
        LOG.log(Level.WARNING, "telegram.file_not_fetched reason={0}", e.getMessage());
        if (e.status() == 413 || e.description().contains("too big")) {
          return lost(file, "it is over " + (FILE_BYTES_MAX >> 20) + " MiB, the most a bot gets");
        }
        if (attempt == ATTEMPTS_MAX || !e.isPassing()) {
          return lost(file, "Telegram did not hand it out");
        }
        boolean limited = e.retryAfter().isPositive();
        if (!gate.pause(limited ? e.retryAfter() : backoff.delay(attempt))) {
          throw new InterruptedException();
        }
      } catch (IOException | WorkspaceRefusal e) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedException();
        }
        LOG.log(Level.WARNING, "telegram.file_not_saved reason={0}", e.getClass().getSimpleName());
        return lost(file, "it could not be written to " + FOLDER);
      }
    }
  }

  private void save(TelegramMessage.Attachment file, String path)
      throws BotApiException, IOException {
    if (file.bytes() > FILE_BYTES_MAX) {
      throw new BotApiException(
          "getFile", BotApiException.Kind.REFUSED, 413, "too big", Duration.ZERO);
    }
    JsonNode found = api.call("getFile", Json.object().put("file_id", file.fileId()));
    try (Draft draft = workspace.draftFor(path)) {
      long bytes = api.download(found.path("file_path").asText(""), draft.out(), FILE_BYTES_MAX);
      Path ignored = draft.moveTo(path);
      LOG.log(Level.INFO, "telegram.file_saved bytes={0}", Long.toString(bytes));
    }
  }

  /** Adds what models can be shown of a file; nothing when it is no picture. */
  private void show(String path, ArrayNode pictures) throws InterruptedException, IOException {
    String type = ContentTypes.of(path);
    if (!type.startsWith("image/") || pictures.size() >= PICTURES_MAX) {
      return;
    }
    try (OpenFile file = workspace.open(path);
        InputStream in = file.stream()) {
      ContentBlocks.add(pictures, Images.of(in, type));
    } catch (ImageRefusal e) {
      // The model is told where the file is, and can say that it sees nothing.
      LOG.log(Level.INFO, "telegram.picture_not_shown reason={0}", e.getMessage());
    }
  }

  private static String lost(TelegramMessage.Attachment file, String why) {
    return "[The user sent a " + file.kind() + " that is not here: " + why + "]";
  }

  /** The sender's name for a file without anything that a path or a shell would act on. */
  static String safeName(String given) {
    String last = given.substring(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1);
    String safe =
        UNSAFE
            .matcher(Normalizer.normalize(last, Normalizer.Form.NFC))
            .replaceAll("_")
            .replaceAll("\\.{2,}", ".")
            .replaceAll("^[._-]+", "");
    // The end tells what kind of file it is.
    int start = safe.length() - Math.min(safe.length(), NAME_LENGTH_MAX);
    if (start > 0 && Character.isLowSurrogate(safe.charAt(start))) {
      start++;
    }
    String name = safe.substring(start).replaceAll("^[._-]+", "");
    return name.isEmpty() ? "file" : name;
  }
}
