package ai.liberclaw.agent.telegram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.telegram.Fault;
import ai.liberclaw.testkit.telegram.TelegramServer;
import ai.liberclaw.testkit.telegram.TelegramServer.Sent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Talking to the agent on Telegram. One agent for all; each test has chats of its own. */
final class BotTest {
  @TempDir static Path folder;
  private static final AtomicLong NEXT = new AtomicLong(5000);
  private static TelegramServer telegram;
  private static TestAgent agent;

  @BeforeAll
  static void start() throws Exception {
    telegram = TelegramServer.start();
    Map<String, String> variables = BotScene.bot(telegram);
    variables.put("TOOL_RULES", "[{\"tool\":\"list_dir\",\"action\":\"ask\"}]");
    agent = TestAgent.start(folder, variables);
  }

  @AfterAll
  static void stop() {
    agent.close();
    telegram.close();
  }

  @Test
  void theOwnerIsAnsweredAndSeesThatTheAgentTypes() throws Exception {
    telegram.deliver(TelegramServer.text(BotScene.OWNER, "hello there"));
    String answer = BotScene.texts(telegram, BotScene.OWNER, 1).getFirst();
    assertFalse(answer.isBlank());
    assertTrue(
        telegram.sent().stream()
            .anyMatch(s -> s.method().equals("sendChatAction") && s.chat() == BotScene.OWNER));
    assertTrue(telegram.calls().indexOf("deleteWebhook") < telegram.calls().indexOf("getUpdates"));
    Await.until(
        "it is a turn of the owner's chat",
        TestAgent.WAIT_MAX,
        () ->
            agent
                .history("tg:" + BotScene.OWNER)
                .findValuesAsText("content")
                .contains("hello there"));
    assertEquals("allowed", BotScene.contact(agent, BotScene.OWNER).path("status").asText());
    try (RawResponse status = agent.get("/telegram/status")) {
      assertEquals(
          "{\"connected\":true,\"bot_username\":\"claw_test_bot\",\"bot_name\":\"Claw\"}",
          Json.write(status.json()));
    }
  }

  @Test
  void aStrangerWaitsUntilTheOwnerDecides() throws Exception {
    long user = NEXT.getAndIncrement();
    telegram.deliver(TelegramServer.text(user, "let me in"), TelegramServer.text(user, "please"));
    assertTrue(BotScene.texts(telegram, user, 1).getFirst().contains("owner"));
    JsonNode contact = BotScene.contact(agent, user);
    assertEquals("pending", contact.path("status").asText());
    assertEquals("User " + user, contact.path("display_name").asText());
    BotScene.awaitConfirmed(telegram);
    List<String> news = new ArrayList<>();
    agent
        .pending("?chat_id=__owner__")
        .forEach(row -> {
          assertEquals("telegram", row.path("source").asText());
          news.add(row.path("content").asText());
        });
    assertEquals(
        1, news.stream().filter(text -> text.contains("id " + user)).count(), news::toString);
    assertEquals(200, BotScene.decide(agent, user, "allowed"));
    telegram.deliver(TelegramServer.text(user, "and now?"));
    assertEquals(3, BotScene.texts(telegram, user, 3).size());
    assertEquals("and now?", agent.history("tg:" + user).get(0).path("content").asText());

    assertEquals(200, BotScene.decide(agent, user, "blocked"));
    telegram.deliver(TelegramServer.text(user, "hello?"));
    BotScene.awaitConfirmed(telegram);
    assertEquals(3, telegram.texts(user).size());
    assertEquals(2, agent.history("tg:" + user).size());
  }

  @Test
  void contactsAreListedByStatusAndRefusalsName() throws Exception {
    long user = NEXT.getAndIncrement();
    telegram.deliver(TelegramServer.text(user, "hi"));
    long id = BotScene.contact(agent, user).path("id").asLong();
    BotScene.contacts(agent, "?status=pending")
        .forEach(contact -> assertEquals("pending", contact.path("status").asText()));
    assertEquals(422, status("GET", "/telegram/contacts?status=friend", ""));
    assertEquals(422, status("PATCH", "/telegram/contacts/" + id, "{\"status\":\"friend\"}"));
    assertEquals(404, status("PATCH", "/telegram/contacts/99999", "{\"status\":\"allowed\"}"));
    assertEquals(404, status("DELETE", "/telegram/contacts/x", ""));
    assertEquals(200, status("DELETE", "/telegram/contacts/" + id, ""));
    assertEquals(404, status("DELETE", "/telegram/contacts/" + id, ""));
  }

  @Test
  void inAGroupOnlyWhatIsMeantForTheBotCounts() throws Exception {
    long group = -NEXT.getAndIncrement();
    telegram.deliver(TelegramServer.groupText(group, 7, "nobody asked the bot"));
    BotScene.awaitConfirmed(telegram);
    assertEquals(List.of(), telegram.texts(group));
    telegram.deliver(TelegramServer.groupText(group, 7, "@claw_test_bot join us"));
    BotScene.contact(agent, group);
    assertEquals(200, BotScene.decide(agent, group, "allowed"));
    ObjectNode answer = TelegramServer.groupText(group, 8, "yes, you");
    answer.set("reply_to_message", TelegramServer.ofTheBot());
    telegram.deliver(
        TelegramServer.groupText(group, 7, "@claw_test_bot2 another bot"),
        TelegramServer.groupText(group, 7, "what is @Claw_Test_Bot doing?"),
        answer);
    BotScene.texts(telegram, group, 4);
    JsonNode history = agent.history("tg:" + group);
    assertEquals("User 7 writes: what is  doing?", history.get(0).path("content").asText());
    assertEquals("User 8 writes: yes, you", history.get(2).path("content").asText());
    assertEquals(4, history.size());
  }

  @Test
  void anAlbumIsOneMessageWithAllItsPictures() throws Exception {
    long user = friend();
    byte[] first = "first picture".getBytes(StandardCharsets.UTF_8);
    byte[] second = "second picture".getBytes(StandardCharsets.UTF_8);
    telegram.deliver(telegram.photo(user, "two of them", first).put("media_group_id", "m" + user));
    telegram.deliver(telegram.photo(user, "", second).put("media_group_id", "m" + user));
    BotScene.texts(telegram, user, 3);
    JsonNode history = agent.history("tg:" + user);
    assertEquals(2, history.size());
    List<String> lines = history.get(0).path("content").asText().lines().toList();
    assertEquals("two of them", lines.get(0));
    assertArrayEquals(first, Files.readAllBytes(saved(lines.get(1))));
    assertArrayEquals(second, Files.readAllBytes(saved(lines.get(2))));
  }

  @Test
  void w32ADocumentIsSavedUnderAHarmlessName() throws Exception {
    long user = friend();
    byte[] bytes = "content".getBytes(StandardCharsets.UTF_8);
    telegram.deliver(telegram.document(user, "../../.ssh/$(rm -rf x);\u202eauth keys.txt", bytes));
    BotScene.texts(telegram, user, 3);
    Path file = saved(agent.history("tg:" + user).get(0).path("content").asText());
    assertTrue(
        file.getFileName().toString().matches("telegram-\\d+-1-rm_-rf_x_auth_keys.txt"),
        file::toString);
    assertArrayEquals(bytes, Files.readAllBytes(file));

    ObjectNode large = TelegramServer.message(user, user, "private");
    large.putObject("document").put("file_id", "f").put("file_size", 21 << 20);
    telegram.deliver(large);
    BotScene.texts(telegram, user, 4);
    assertTrue(agent.history("tg:" + user).get(2).path("content").asText().contains("over 20 MiB"));
  }

  @Test
  void pictureIsSentAsPhotoAndOtherFilesAsDocument() throws Exception {
    long user = friend();
    Files.write(agent.workspace().resolve("chart.png"), new byte[] {1, 2, 3});
    Files.writeString(agent.workspace().resolve("notes.txt"), "text");
    telegram.deliver(
        TelegramServer.text(
            user,
            "/tool send_file {\"path\":\"chart.png\",\"caption\":\"a **chart**\"}\n"
                + "/tool send_file {\"path\":\"notes.txt\"}"));
    BotScene.texts(telegram, user, 3);
    List<Sent> files =
        telegram.sent().stream().filter(s -> s.chat() == user && s.file().isPresent()).toList();
    assertEquals(List.of("sendPhoto", "sendDocument"), files.stream().map(Sent::method).toList());
    assertEquals("a chart", files.getFirst().text());
    assertArrayEquals(new byte[] {1, 2, 3}, files.getFirst().file().orElseThrow().bytes());
    assertEquals("notes.txt", files.getLast().file().orElseThrow().name());
  }

  @Test
  void threeMessagesMayWaitAndStopEndsWhatRuns() throws Exception {
    long user = friend();
    telegram.deliver(TelegramServer.text(user, TestAgent.holding("wait")));
    Await.until(
        "it runs", TestAgent.WAIT_MAX, () -> Files.exists(agent.workspace().resolve("wait.began")));
    telegram.deliver(
        TelegramServer.text(user, "one"),
        TelegramServer.text(user, "two"),
        TelegramServer.text(user, "three"),
        TelegramServer.text(user, "four"));
    assertTrue(BotScene.texts(telegram, user, 3).getLast().startsWith("3 messages are waiting"));
    telegram.deliver(TelegramServer.text(user, "/stop@claw_test_bot"));
    List<String> all = BotScene.texts(telegram, user, 7);
    assertTrue(all.get(3).contains("cancelled"), all::toString);
    assertEquals(7, all.size());
    telegram.deliver(TelegramServer.text(user, "/stop"));
    assertTrue(BotScene.texts(telegram, user, 8).getLast().contains("nothing to stop"));
    telegram.deliver(TelegramServer.text(user, "/clear"));
    assertTrue(BotScene.texts(telegram, user, 9).getLast().contains("cleared"));
    assertEquals(0, agent.history("tg:" + user).size());
  }

  @Test
  void whatASubagentFoundIsSentUnasked() throws Exception {
    long user = friend();
    telegram.deliver(
        TelegramServer.text(user, "/tool spawn {\"task\":\"look\",\"label\":\"job\"}"));
    List<String> texts = BotScene.texts(telegram, user, 4);
    assertTrue(texts.stream().anyMatch(text -> text.startsWith("[Task: job]")), texts::toString);
    Await.until(
        "it is handed out",
        TestAgent.WAIT_MAX,
        () -> agent.pending("?chat_id=tg:" + user).isEmpty());
  }

  @Test
  void anUpdateThatMakesNoSenseHoldsNothingUp() throws Exception {
    long user = friend();
    telegram.deliverRaw(Json.object().put("nonsense", true));
    ObjectNode odd = Json.object().put("message_id", "x");
    odd.putObject("chat").put("id", "not a number").put("type", "private");
    telegram.deliver(odd, Json.object(), TelegramServer.text(user, "still there?"));
    assertEquals(3, BotScene.texts(telegram, user, 3).size());
    BotScene.awaitConfirmed(telegram);
  }

  @Test
  void whatTelegramCannotParseGoesAsPlainText() throws Exception {
    long user = friend();
    telegram.fail(
        "sendMessage", new Fault.Status(400, "Bad Request: can't parse entities: whatever"));
    telegram.deliver(TelegramServer.text(user, "hello"));
    BotScene.texts(telegram, user, 3);
    Await.until(
        "a plain text",
        TestAgent.WAIT_MAX,
        () ->
            telegram.sent().stream()
                .anyMatch(
                    s -> s.method().equals("sendMessage") && !s.parameters().has("parse_mode")));
  }

  @Test
  void theOwnerIsAskedWithButtonsAndNobodyElseCanAnswer() throws Exception {
    telegram.deliver(TelegramServer.text(BotScene.OWNER, "/tool list_dir {\"path\":\".\"}"));
    JsonNode keyboard =
        Await.value(
            "the question",
            TestAgent.WAIT_MAX,
            () ->
                telegram.sent().stream()
                    .map(s -> s.parameters().path("reply_markup").path("inline_keyboard"))
                    .filter(rows -> rows.size() == 2)
                    .findFirst());
    String no = keyboard.get(1).get(1).path("callback_data").asText();
    telegram.press(7, keyboard.get(0).get(0).path("callback_data").asText());
    telegram.press(BotScene.OWNER, no);
    telegram.press(BotScene.OWNER, no);
    List<String> toasts =
        Await.value(
            "three answers",
            TestAgent.WAIT_MAX,
            () ->
                Optional.of(
                        telegram.sent().stream()
                            .filter(s -> s.method().equals("answerCallbackQuery"))
                            .map(Sent::text)
                            .sorted()
                            .toList())
                    .filter(all -> all.size() == 3));
    assertEquals("Denied.", toasts.getFirst());
    assertEquals("Only my owner can answer this.", toasts.get(1));
    assertTrue(toasts.getLast().startsWith("This was decided"));
    Await.until(
        "the turn goes on",
        TestAgent.WAIT_MAX,
        () -> telegram.texts(BotScene.OWNER).stream().anyMatch(text -> text.contains("blocked")));
  }

  /** Somebody the owner has let in, who was sent two texts about it. */
  private static long friend() throws Exception {
    long user = NEXT.getAndIncrement();
    telegram.deliver(TelegramServer.text(user, "hi"));
    BotScene.texts(telegram, user, 1);
    assertEquals(200, BotScene.decide(agent, user, "allowed"));
    BotScene.texts(telegram, user, 2);
    return user;
  }

  private static Path saved(String line) {
    String path = line.substring(line.indexOf(": ") + 2, line.length() - 1);
    return agent.workspace().resolve(path);
  }

  private static int status(String method, String path, String body) throws Exception {
    try (RawResponse response = agent.request(method, path, body)) {
      return response.status();
    }
  }
}
