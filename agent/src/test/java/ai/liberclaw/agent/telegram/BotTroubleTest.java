package ai.liberclaw.agent.telegram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import ai.liberclaw.testkit.telegram.Fault;
import ai.liberclaw.testkit.telegram.TelegramServer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bot when Telegram, the network or the agent itself fails. */
final class BotTroubleTest {
  private static final long OWNER = BotScene.OWNER;

  @TempDir Path folder;

  @Test
  void w32ATurnThatOutlivesARestartIsAnsweredOnce() throws Exception {
    try (TelegramServer telegram = TelegramServer.start()) {
      Map<String, String> bot = BotScene.bot(telegram);
      ObjectNode update = Json.object().put("update_id", telegram.nextUpdateId());
      update.set("message", TelegramServer.text(OWNER, TestAgent.holding("h")));
      try (TestAgent agent = TestAgent.start(folder, bot)) {
        telegram.deliver(TelegramServer.text(OWNER, TestAgent.holding("h")));
        Await.until(
            "it runs",
            TestAgent.WAIT_MAX,
            () -> Files.exists(agent.workspace().resolve("h.began")));
        BotScene.awaitConfirmed(telegram);
        agent.letGo("h");
      }
      int before = telegram.texts(OWNER).size();
      // As if the agent had been killed before it knew that the update was stored.
      try (Connection sql =
              DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/agent.db"));
          Statement statement = sql.createStatement()) {
        statement.executeUpdate("update telegram_offsets set next_update = 0");
      }
      telegram.deliverRaw(update);
      try (TestAgent agent = TestAgent.start(folder, bot)) {
        BotScene.texts(telegram, OWNER, 1);
        BotScene.awaitConfirmed(telegram);
        telegram.deliver(TelegramServer.text(OWNER, "next"));
        List<String> texts = BotScene.texts(telegram, OWNER, 2);
        assertEquals(2, texts.size(), () -> "before: " + before + ", all: " + texts);
        long asked =
            agent.history("tg:" + OWNER).findValuesAsText("name").stream()
                .filter("user"::equals)
                .count();
        assertEquals(2, asked);
      }
    }
  }

  @Test
  void whatCouldNotBeSentBeforeTheStopIsSentOnceAfterTheStart() throws Exception {
    try (TelegramServer telegram = TelegramServer.start()) {
      Map<String, String> bot = BotScene.bot(telegram);
      telegram.fail("sendMessage", new Fault.RateLimit(60));
      try (TestAgent agent = TestAgent.start(folder, bot)) {
        telegram.deliver(TelegramServer.text(OWNER, "hello"));
        Await.until(
            "it was tried", TestAgent.WAIT_MAX, () -> telegram.calls().contains("sendMessage"));
        assertEquals(2, agent.history("tg:" + OWNER).size());
      }
      assertEquals(List.of(), telegram.texts(OWNER));
      try (TestAgent agent = TestAgent.start(folder, bot)) {
        BotScene.texts(telegram, OWNER, 1);
      }
      try (TestAgent agent = TestAgent.start(folder, bot)) {
        telegram.deliver(TelegramServer.text(OWNER, "/stop"));
        assertEquals(2, BotScene.texts(telegram, OWNER, 2).size());
      }
    }
  }

  @Test
  void w32FailuresOfTelegramCostNoMessageAndShowNoToken() throws Exception {
    List<String> log = new CopyOnWriteArrayList<>();
    Handler handler = recorder(log);
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    try (TelegramServer telegram = TelegramServer.start()) {
      telegram.fail("getMe", new Fault.Status(500, "Internal Server Error"), new Fault.Malformed());
      telegram.fail(
          "getUpdates",
          new Fault.Malformed(),
          new Fault.Cut(),
          new Fault.Status(502, "bot" + TelegramServer.TOKEN + " is unwell"),
          new Fault.RateLimit(1));
      telegram.fail(
          "sendMessage", new Fault.RateLimit(1), new Fault.Status(500, "Internal Server Error"));
      telegram.deliver(TelegramServer.text(OWNER, "hello"));
      long began = System.nanoTime();
      try (TestAgent agent = TestAgent.start(folder, BotScene.bot(telegram))) {
        assertEquals(1, BotScene.texts(telegram, OWNER, 1).size());
        assertTrue(System.nanoTime() - began >= Duration.ofSeconds(2).toNanos());
        telegram.deliver(TelegramServer.text(OWNER, "/stop"));
        assertEquals(2, BotScene.texts(telegram, OWNER, 2).size());
        assertEquals(2, agent.history("tg:" + OWNER).size());
      }
    } finally {
      root.removeHandler(handler);
    }
    String all = String.join("\n", log);
    assertTrue(all.contains("telegram.disconnected"), all);
    assertFalse(all.contains("abcdefghijklmnopqrstuvwxyz"), all);
  }

  @Test
  void w32ALongAnswerArrivesInPartsAndALongTurnSaysSo() throws Exception {
    String code = "    call(a < b && c);\n".repeat(400);
    try (TelegramServer telegram = TelegramServer.start();
        ModelServer model = ModelServer.start()) {
      model.enqueue(
          ModelAnswer.text("Here:\n```python\n" + code + "```\n**Done**.")
              .withHeadPause(Duration.ofMillis(1300)));
      Map<String, String> variables = new HashMap<>(BotScene.bot(telegram));
      variables.putAll(TestAgent.asking(model));
      variables.put("TELEGRAM_STILL_WORKING", "1");
      try (TestAgent agent = TestAgent.start(folder, variables)) {
        telegram.deliver(TelegramServer.text(OWNER, "write a lot"));
        Await.until(
            "the end arrives",
            TestAgent.WAIT_MAX,
            () -> telegram.texts(OWNER).stream().anyMatch(text -> text.endsWith("Done.")));
        List<String> texts = telegram.texts(OWNER);
        assertTrue(texts.getFirst().startsWith("Still working"), texts.getFirst());
        assertEquals(
            400,
            texts.stream().flatMap(String::lines).filter(l -> l.contains("call(a < b")).count());
        assertEquals(2, agent.history("tg:" + OWNER).size());
      }
    }
  }

  private static Handler recorder(List<String> log) {
    SimpleFormatter form = new SimpleFormatter();
    return new Handler() {
      @Override
      public void publish(LogRecord record) {
        log.add(form.format(record));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
