package ai.liberclaw.agent.chat;

import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Fields;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * The body of {@code POST /chat}. Its message is text, or a list of content blocks.
 *
 * @param deltas also the text while it is written
 */
record ChatRequest(NewTurn turn, boolean deltas) {
  /** Code points of a chat's name. */
  static final int CHAT_ID_LENGTH_MAX = 500;

  /** Code points of a message. */
  static final int MESSAGE_LENGTH_MAX = 1_000_000;

  static final int CLIENT_MESSAGE_ID_LENGTH_MAX = 200;

  private static final List<String> MODES = List.of(NewTurn.MODE_CHAT, NewTurn.MODE_CODING);

  static ChatRequest of(Fields body) throws InterruptedException {
    Optional<JsonNode> blocks = body.present("message").filter(JsonNode::isArray);
    String message = blocks.isPresent() ? "" : body.text("message", 1, MESSAGE_LENGTH_MAX);
    blocks.map(MessageBlocks::faults).orElse(List.of()).forEach(body::fault);
    String chatId = body.text("chat_id", 1, CHAT_ID_LENGTH_MAX);
    String mode = body.optionalText("mode", 1, 20).orElse(NewTurn.MODE_CHAT);
    Optional<String> clientMessageId =
        body.optionalText("client_message_id", 1, CLIENT_MESSAGE_ID_LENGTH_MAX);
    boolean deltas = body.flag("deltas", false);
    if (!message.isEmpty() && message.isBlank()) {
      body.fault("message", "value_error", "Message must not be blank", Json.object());
    }
    if (!MODES.contains(mode)) {
      body.fault(
          "mode",
          "literal_error",
          "Input should be 'chat' or 'coding'",
          Json.object().put("expected", "'chat' or 'coding'"));
    }
    body.check();
    if (blocks.isPresent()) {
      message = MessageBlocks.stored(blocks.get());
    }
    boolean resumes = clientMessageId.isPresent() || deltas;
    return new ChatRequest(new NewTurn(chatId, message, mode, clientMessageId, resumes), deltas);
  }
}
