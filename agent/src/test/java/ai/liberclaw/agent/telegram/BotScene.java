package ai.liberclaw.agent.telegram;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.telegram.TelegramServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What tests of the bot have in common. */
final class BotScene {
  static final long OWNER = 111;

  private BotScene() {}

  /** What makes an agent be the simulator's bot. */
  static Map<String, String> bot(TelegramServer telegram) {
    Map<String, String> variables = new HashMap<>();
    variables.put("TELEGRAM_BOT_TOKEN", TelegramServer.TOKEN);
    variables.put("OWNER_TELEGRAM_ID", Long.toString(OWNER));
    variables.put("TELEGRAM_API_BASE_URL", telegram.baseUrl());
    variables.put("TELEGRAM_RETRY_BASE_MS", "5");
    return variables;
  }

  /** The texts a chat was sent, once there are so many. */
  static List<String> texts(TelegramServer telegram, long chat, int count) {
    return Await.value(
        count + " texts for " + chat,
        TestAgent.WAIT_MAX,
        () -> Optional.of(telegram.texts(chat)).filter(texts -> texts.size() >= count));
  }

  /** A contact, once it is known. */
  static JsonNode contact(TestAgent agent, long telegramId) {
    return Await.value(
        "the contact " + telegramId,
        TestAgent.WAIT_MAX,
        () -> {
          for (JsonNode contact : contacts(agent, "")) {
            if (contact.path("telegram_id").asText().equals(Long.toString(telegramId))) {
              return Optional.of(contact);
            }
          }
          return Optional.empty();
        });
  }

  static JsonNode contacts(TestAgent agent, String query) throws IOException {
    try (RawResponse response = agent.get("/telegram/contacts" + query)) {
      return response.json().path("contacts");
    }
  }

  static int decide(TestAgent agent, long telegramId, String status) throws IOException {
    long id = contact(agent, telegramId).path("id").asLong();
    try (RawResponse response =
        agent.request("PATCH", "/telegram/contacts/" + id, "{\"status\":\"" + status + "\"}")) {
      return response.status();
    }
  }

  /** Everything the bot has been asked is done. */
  static void awaitConfirmed(TelegramServer telegram) {
    Await.until("all is confirmed", TestAgent.WAIT_MAX, () -> telegram.unconfirmed() == 0);
  }
}
