package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.postgres.Notifications;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The public stream of two servers on one database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
class ActivityFeedTest {
  TestApi one;
  TestApi two;

  @BeforeAll
  void start(Postgres postgres) throws Exception {
    // Readers of earlier tests keep their places until the server notices.
    one = TestApi.start(postgres, Map.of("LIBERCLAW_ACTIVITY_STREAMS_PER_ADDRESS", "100"));
    two = one.beside();
  }

  @BeforeEach
  void forget() {
    one.sql().execute("delete from activity_events");
  }

  @AfterAll
  void stop() throws Exception {
    two.close();
    one.close();
  }

  @Test
  void a12WhatIsRolledBackIsShownToNobody() throws Exception {
    try (FeedReader first = FeedReader.feed(one);
        FeedReader second = FeedReader.feed(two)) {
      begin(first, second);
      assertThrows(
          IllegalStateException.class,
          () ->
              one.sql()
                  .transaction(tx -> {
                    happen(tx.dsl(), "undone");
                    throw new IllegalStateException("undone");
                  }));
      happen(one.sql(), "done");
      for (FeedReader reader : List.of(first, second)) {
        assertEquals("done", reader.take().metadata("model"));
      }
    }
  }

  @Test
  void everyServerShowsAnOpenTransactionsEventsWhenTheyAreCommittedAndResumesThere()
      throws Exception {
    happen(one.sql(), "before");
    try (FeedReader first = FeedReader.feed(one);
        FeedReader second = FeedReader.feed(two)) {
      first.skipTo("before");
      second.skipTo("before");
      List<String> seen = new ArrayList<>();
      one.sql()
          .transaction(tx -> {
            // Written first, committed last.
            happen(tx.dsl(), "slow");
            happen(one.sql(), "quick");
            for (FeedReader reader : List.of(first, second)) {
              FeedReader.Event event = reader.take();
              assertEquals("quick", event.metadata("model"));
              seen.add(event.id());
            }
          });
      assertEquals(seen.getFirst(), seen.getLast());
      assertEquals("slow", first.take().metadata("model"));
      assertEquals("slow", second.take().metadata("model"));
      // Who left in between goes on at the other server, and one that nobody watched.
      try (FeedReader resumed = FeedReader.feed(two, "Last-Event-ID: " + seen.getFirst())) {
        assertEquals("slow", resumed.take().metadata("model"));
      }
    }
    happen(one.sql(), "later");
    try (TestApi third = one.beside();
        FeedReader late = FeedReader.feed(third)) {
      assertEquals(
          List.of("before", "quick", "slow", "later"),
          late.take(4).stream().map(event -> event.metadata("model")).toList());
    }
  }

  @Test
  void d1EveryServerShowsEveryEventOnceInOneOrder() throws Exception {
    int writers = 6;
    int each = 20;
    try (FeedReader first = FeedReader.feed(one);
        FeedReader second = FeedReader.feed(two);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      begin(first, second);
      List<Future<?>> writing = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        DSLContext sql = i % 2 == 0 ? one.sql() : two.sql();
        writing.add(
            threads.submit(() -> {
              for (int n = 0; n < each; n++) {
                sql.transaction(tx -> {
                  happen(tx.dsl(), "m");
                  // Others commit meanwhile.
                  tx.dsl().execute("select pg_sleep(random() * 0.005)");
                });
              }
            }));
      }
      List<FeedReader.Event> seenFirst = first.take(writers * each);
      List<FeedReader.Event> seenSecond = second.take(writers * each);
      for (Future<?> writer : writing) {
        writer.get();
      }
      List<String> ids = seenFirst.stream().map(e -> e.json().get("id").textValue()).toList();
      assertEquals(ids, seenSecond.stream().map(e -> e.json().get("id").textValue()).toList());
      assertEquals(ids.size(), new HashSet<>(ids).size(), "none twice");
      assertEquals(
          seenFirst.stream().map(e -> Long.valueOf(e.id())).sorted().toList(),
          seenFirst.stream().map(e -> Long.valueOf(e.id())).toList());
    }
  }

  @Test
  void aNewReaderBeginsWithTheLastTwentyOldestFirst() throws Exception {
    for (int i = 0; i < 25; i++) {
      happen(one.sql(), "m" + i);
    }
    try (TestApi third = one.beside();
        FeedReader reader = FeedReader.feed(third)) {
      List<FeedReader.Event> backlog = reader.take(20);
      assertEquals(
          IntStream.range(5, 25).mapToObj(i -> "m" + i).toList(),
          backlog.stream().map(event -> event.metadata("model")).toList());
      happen(two.sql(), "live");
      assertEquals("live", reader.take().metadata("model"));
      // Twenty is what a stranger gets; who comes back gets all that was missed, or nothing twice.
      String middle = backlog.get(9).id();
      try (FeedReader resumed = FeedReader.feed(third, "Last-Event-ID: " + middle)) {
        assertEquals("m15", resumed.take().metadata("model"));
      }
      try (FeedReader odd = FeedReader.feed(third, "Last-Event-ID: 999999999999")) {
        assertEquals("m6", odd.take().metadata("model"), "an id of another database");
      }
    }
  }

  @Test
  void a4AReaderThatStopsReadingIsDroppedAndDelaysNobody() throws Exception {
    try (Socket stalled = new Socket();
        FeedReader quick = FeedReader.feed(one)) {
      begin(quick);
      stalled.setReceiveBufferSize(1024);
      stalled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), one.server.port()));
      stalled.setSoTimeout((int) TestApi.DEADLINE.toMillis());
      stalled
          .getOutputStream()
          .write(
              "GET /api/v1/activity/stream HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = stalled.getInputStream();
      assertEquals('H', in.read());
      // More than its buffers and its queue hold. Nobody else waits for it meanwhile.
      // No burst is longer than a queue, which who reads would lose too.
      for (int round = 0; round < 50; round++) {
        one.sql()
            .execute(
                "insert into activity_events (id, event_type, metadata_json, is_public)"
                    + " select gen_random_uuid(), 'agent_deployed', json_build_object("
                    + "'model', repeat('m', 64), 'crn_url', 'https://' || repeat('n', 63)), true"
                    + " from generate_series(1, 400)");
        quick.take(400);
      }
      happen(one.sql(), "after");
      assertEquals("after", quick.take().metadata("model"));
      // Cut, so that the reader knows that something is missing.
      long deadline = System.nanoTime() + TestApi.DEADLINE.toNanos();
      byte[] buffer = new byte[100_000];
      String end = "";
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        end = new String(buffer, 0, count, StandardCharsets.US_ASCII);
        assertTrue(System.nanoTime() < deadline, "still served");
      }
      assertTrue(!end.endsWith("0\r\n\r\n"), end);
    } catch (java.net.SocketException e) {
      // A reset is a cut as well.
      assertTrue(String.valueOf(e.getMessage()).contains("reset"), e.toString());
    }
  }

  @Test
  void readersAreLimitedByAddressAndInAll(Postgres postgres) throws Exception {
    List<FeedReader> readers = new ArrayList<>();
    Map<String, String> limits =
        Map.of(
            "LIBERCLAW_ACTIVITY_STREAMS_PER_ADDRESS", "3", "LIBERCLAW_ACTIVITY_STREAMS_MAX", "4");
    try (TestApi api = TestApi.start(postgres, limits)) {
      for (int i = 0; i < 3; i++) {
        readers.add(FeedReader.feed(api));
      }
      FeedReader fourth = FeedReader.feed(api, "Origin: https://elsewhere.example");
      readers.add(fourth);
      assertTrue(fourth.client.head().startsWith("HTTP/1.1 429"), fourth.client.head());
      assertTrue(fourth.client.head().contains("Retry-After: "), fourth.client.head());
      // Else the page reads a network error.
      assertTrue(
          fourth.client.head().contains("Access-Control-Allow-Origin: *"), fourth.client.head());
      FeedReader other = FeedReader.feed(api, "X-Forwarded-For: 203.0.113.5");
      readers.add(other);
      assertTrue(other.client.head().startsWith("HTTP/1.1 200"), other.client.head());
      FeedReader fifth = FeedReader.feed(api, "X-Forwarded-For: 203.0.113.6");
      readers.add(fifth);
      assertTrue(fifth.client.head().startsWith("HTTP/1.1 503"), fifth.client.head());
      for (FeedReader reader : readers) {
        reader.close();
      }
      // Their places are free again once the server has noticed, at the next ping.
      TestApi.await(
          TestApi.DEADLINE,
          () -> {
            try (FeedReader again = FeedReader.feed(api, "X-Forwarded-For: 203.0.113.6")) {
              return again.client.head().startsWith("HTTP/1.1 200");
            }
          });
    }
  }

  @Test
  void theStreamIsForEveryOriginAndSilenceIsFilledWithPings() throws Exception {
    try (FeedReader reader = FeedReader.feed(one, "Origin: https://elsewhere.example");
        FeedReader listed = FeedReader.feed(one, "Origin: https://app.example")) {
      String head = reader.client.head();
      assertTrue(head.startsWith("HTTP/1.1 200"), head);
      assertTrue(head.contains("Access-Control-Allow-Origin: *\r\n"), head);
      assertTrue(head.contains("Content-Type: text/event-stream"), head);
      assertTrue(head.contains("Cache-Control: no-cache"), head);
      assertTrue(
          listed.client.head().contains("Access-Control-Allow-Origin: https://app.example\r\n"),
          listed.client.head());
      reader.awaitPings(3);
    }
    assertEquals(
        "",
        one.call("GET", "/activity/public", null, null, "Origin", "https://elsewhere.example")
            .headers()
            .firstValue("Access-Control-Allow-Origin")
            .orElse(""));
  }

  @Test
  void aServerThatStopsSendsItsReadersAwayToComeBack() throws Exception {
    happen(one.sql(), "last");
    try (TestApi third = one.beside();
        FeedReader reader = FeedReader.feed(third)) {
      assertEquals("last", reader.take().metadata("model"));
      Thread stopping = Thread.ofVirtual().start(third.server::close);
      assertEquals(List.of(), reader.toTheEnd());
      assertTrue(reader.retry >= 1000 && reader.retry <= 5000, "retry: " + reader.retry);
      stopping.join();
    }
  }

  @Test
  void whatWasSaidWhileNobodyListenedIsShownAfterwards() throws Exception {
    try (FeedReader reader = FeedReader.feed(one)) {
      begin(reader);
      one.sql()
          .transaction(tx -> {
            happen(tx.dsl(), "b");
            int ended =
                one.sql()
                    .fetch(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                            + " where datname = current_database() and application_name = {0}",
                        DSL.val(Notifications.APPLICATION_NAME))
                    .size();
            assertEquals(2, ended, "one connection of each server, for all its channels");
          });
      assertEquals("b", reader.take().metadata("model"));
      happen(two.sql(), "c");
      assertEquals("c", reader.take().metadata("model"));
    }
  }

  /** Readers of earlier tests may still be there, and what they saw. */
  private void begin(FeedReader... readers) throws IOException {
    String mark = UUID.randomUUID().toString();
    happen(one.sql(), mark);
    for (FeedReader reader : readers) {
      reader.skipTo(mark);
    }
  }

  private static void happen(DSLContext sql, String what) {
    sql.execute(
        "insert into activity_events (id, event_type, metadata_json, is_public)"
            + " values (gen_random_uuid(), 'agent_deployed', json_build_object('model', {0}), true)",
        DSL.val(what));
  }
}
