package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.Misbehaviour;
import ai.liberclaw.testkit.agent.StubAgent;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is left on the wires of the packaged server when a side of a chat goes away. */
class EndOfStreamIT {
  private static final int STREAMS = 20;
  private static final Duration STOP_TIME_MAX = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TEXT = "{\"type\":\"text\",\"content\":\"a\"}";
  private static final String DONE = "{\"type\":\"done\"}";
  private static final String HELLO = Json.object().put("message", "hello").toString();

  /** Java's own after SIGTERM, once its hooks have run; service managers are told so. */
  private static final int ENDED_BY_SIGTERM = 143;

  @Test
  void sigtermTellsEveryReaderToComeBackAndCutsNobody() throws Exception {
    try (Platform platform = Platform.start();
        StubAgent ours = patient("queue", "resume", "deltas", "approvals");
        StubAgent original = patient()) {
      Guest first = Guest.signIn(platform);
      String agent;
      List<BareStream> streams = new ArrayList<>();
      try (Rows rows = Rows.of(platform)) {
        agent = rows.adopt(first, original);
        streams.add(first.bareChat(agent, HELLO));
        for (int i = 1; i < STREAMS; i++) {
          Guest guest = Guest.signIn(platform);
          String another = rows.adopt(guest, i % 2 == 0 ? original : ours);
          streams.add(guest.bareChat(another, HELLO));
        }
        // An original agent's turn is read on without its client, until now.
        Guest gone = Guest.signIn(platform);
        try (BareStream left = gone.bareChat(rows.adopt(gone, original), HELLO)) {
          left.until(TEXT);
        }
      }
      for (BareStream stream : streams) {
        stream.until(TEXT);
      }

      long began = System.nanoTime();
      int exit = platform.stopApi();
      Duration took = Duration.ofNanos(System.nanoTime() - began);

      for (BareStream stream : streams) {
        List<JsonNode> events = stream.events();
        assertEquals(
            List.of(
                TEXT,
                "{\"type\":\"error\",\"content\":\"Server is restarting. Please retry.\","
                    + "\"code\":\"restarting\"}",
                DONE),
            events.stream().map(JsonNode::toString).toList());
        stream.awaitClosed();
        stream.close();
      }
      assertEquals(ENDED_BY_SIGTERM, exit);
      assertTrue(took.compareTo(STOP_TIME_MAX) < 0, took::toString);
      String log = platform.api().log();
      assertFalse(log.contains(" ERROR ") || log.contains("\tat "), log);
      Await.until(
          "no agent has a reader",
          SOON,
          () -> ours.connections() == 0 && original.connections() == 0);

      original.onChat(DONE);
      platform.startApi();
      try (BareStream stream = first.bareChat(agent, HELLO)) {
        assertEquals(DONE, stream.events().getFirst().toString(), "the conversation is free");
      }
    }
  }

  @Test
  void aLostAgentAndALostClientEndNothingButTheirStream() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    CountDownLatch finished = new CountDownLatch(1);
    try (Platform platform = Platform.start();
        StubAgent stub = new StubAgent().on("POST /chat", Misbehaviour.RESET_AFTER_EVENTS);
        StubAgent slow = new StubAgent()) {
      slow.on(
          "POST /chat",
          (_, c) -> {
            c.head();
            c.event(TEXT);
            boolean _ = left.await(SOON.toSeconds(), TimeUnit.SECONDS);
            for (int i = 0; i < 10; i++) {
              c.event("{\"type\":\"keepalive\"}");
              Thread.sleep(50);
            }
            c.event(DONE);
            c.end();
            finished.countDown();
          });
      Guest guest = Guest.signIn(platform);
      String lost;
      String agent;
      try (Rows rows = Rows.of(platform)) {
        lost = rows.adopt(guest, stub);
        agent = rows.adopt(guest, slow);
      }
      try (BareStream stream = guest.bareChat(lost, HELLO)) {
        assertEquals(
            List.of(
                TEXT,
                "{\"type\":\"error\",\"content\":\"Connection to agent lost mid-response.\"}",
                DONE),
            stream.events().stream().map(JsonNode::toString).toList());
      }

      BareStream leaving = guest.bareChat(agent, HELLO);
      leaving.until(TEXT);
      leaving.reset();
      left.countDown();
      assertTrue(finished.await(SOON.toSeconds(), TimeUnit.SECONDS), "its turn is read to its end");
      Await.until(
          "nothing is left of either",
          SOON,
          () ->
              stub.connections() == 0
                  && slow.connections() == 0
                  && !guest.get("/chat/" + agent + "/active").get("active").booleanValue());
      String log = platform.api().log();
      assertFalse(log.contains(" ERROR ") || log.contains("\tat "), log);
    }
  }

  /** Says something, then only that it lives, until its reader leaves. */
  private static StubAgent patient(String... capabilities) throws Exception {
    return new StubAgent(capabilities)
        .on(
            "POST /chat",
            (_, c) -> {
              c.head();
              c.event(TEXT);
              while (true) {
                c.event("{\"type\":\"keepalive\"}");
                Thread.sleep(100);
              }
            });
  }
}
