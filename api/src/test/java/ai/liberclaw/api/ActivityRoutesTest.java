package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.activity.ActivityStore;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pages of events: what the world sees, and what their user does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
class ActivityRoutesTest {
  private static final String EVIL = "<img src=x onerror=\"alert('1')\">&";

  TestApi api;

  @BeforeAll
  void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  void stop() throws Exception {
    api.close();
  }

  @BeforeEach
  void forget() {
    api.sql().execute("delete from activity_events");
  }

  @Test
  void b17NobodyElseReadsWhatSomebodyNamedAnAgent() throws Exception {
    TestApi.Tokens ada = api.guest();
    UUID user = api.userId(ada);
    UUID agent;
    try (StubAgent stub = new StubAgent()) {
      agent = api.adoptAgent(user, stub);
    }
    api.call(
        "PATCH", "/agents/" + agent, ada.access(), Json.write(Json.object().put("name", EVIL)));
    api.sql().execute("delete from activity_events");
    ObjectNode metadata =
        ActivityStore.named(EVIL)
            .put("crn_url", "https://node-7.example.com:8443/x?secret=1")
            .put("model", "glm-4.7")
            .put("more", "not for the world");
    ActivityStore.publicEvent(api.sql(), user, agent, "agent_deployed", metadata);

    try (FeedReader feed = FeedReader.feed(api)) {
      for (JsonNode event : List.of(page("/activity/public", null).get(0), feed.take().json())) {
        assertEquals(
            "{\"agent_name\":\"An agent\",\"crn_url\":\"https://node-7\",\"model\":\"glm-4.7\"}",
            event.get("metadata").toString());
        assertEquals("agent_deployed", event.get("event_type").textValue());
        assertTrue(event.get("is_public").booleanValue());
        assertTrue(event.get("created_at").textValue().endsWith("Z"));
        assertEquals(5, event.size());
      }
    }
    JsonNode own = page("/activity/me", ada.access()).get(0);
    assertEquals(metadata, own.get("metadata"));

    // The owner lets it be seen, and later thinks better of it.
    setPublicName(ada, agent, true);
    assertEquals(
        "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;",
        page("/activity/public", null).get(0).at("/metadata/agent_name").textValue());
    setPublicName(ada, agent, false);
    assertEquals(
        "An agent", page("/activity/public", null).get(0).at("/metadata/agent_name").textValue());
  }

  @Test
  void aHostIsShownByItsFirstLabelAsAnAddressThatPagesCanRead() throws Exception {
    Map<String, String> shown =
        Map.of(
            "\"https://Crn3.aleph.example/\"", "https://crn3",
            "\"https://203.0.113.9/\"", "https://node",
            "\"https://0x7f.example/\"", "https://node",
            "\"https://xn--a.example/\"", "https://node",
            "\"https://[::1]/\"", "https://node",
            "\"javascript:alert(1)\"", "https://node",
            "\"<b>\"", "https://node",
            "null", "null");
    for (Map.Entry<String, String> one : shown.entrySet()) {
      api.sql().execute("delete from activity_events");
      happen("{\"crn_url\":" + one.getKey() + ",\"model\":\"<b>\"}");
      JsonNode metadata = page("/activity/public", null).get(0).get("metadata");
      assertEquals(one.getValue(), metadata.get("crn_url").asText(), one.getKey());
      assertFalse(metadata.has("model"));
    }
  }

  @Test
  void everyoneReadsTheirOwnEventsAloneNewestFirst() throws Exception {
    TestApi.Tokens ada = api.guest();
    TestApi.Tokens bob = api.guest();
    UUID user = api.userId(ada);
    ActivityStore.ownEvent(api.sql(), user, null, "agent_created", ActivityStore.named("Ada's 🦀"));
    JsonNode own = page("/activity/me", ada.access());
    assertEquals(2, own.size());
    assertEquals("agent_created", own.get(0).get("event_type").textValue());
    assertEquals("Ada's 🦀", own.get(0).at("/metadata/agent_name").textValue());
    assertFalse(own.get(0).get("is_public").booleanValue());
    assertEquals("guest", own.get(1).at("/metadata/method").textValue());
    assertEquals(1, page("/activity/me", bob.access()).size());
    assertEquals(0, page("/activity/public", null).size(), "none of them is public");
    // Another's event is no place to read on from.
    String foreign = own.get(0).get("id").textValue();
    assertEquals(0, page("/activity/me?before=" + foreign, bob.access()).size());
  }

  @Test
  void d6PagesGoOnFromAnEventWhileNewOnesArrive() throws Exception {
    TestApi.Tokens ada = api.guest();
    UUID user = api.userId(ada);
    api.sql().execute("delete from activity_events");
    for (int i = 0; i < 7; i++) {
      ActivityStore.publicEvent(
          api.sql(), user, null, "agent_deleted", ActivityStore.named("Ada").put("n", i));
    }
    List<String> all = ids(page("/activity/me", ada.access()));
    assertEquals(7, all.size());
    assertEquals(all, ids(page("/activity/public", null)));
    for (String path : List.of("/activity/me", "/activity/public")) {
      List<String> read = new ArrayList<>();
      String from = "";
      while (true) {
        List<String> page = ids(page(path + "?limit=3" + from, ada.access()));
        if (page.isEmpty()) {
          break;
        }
        read.addAll(page);
        from = "&before=" + page.getLast();
        ActivityStore.publicEvent(
            api.sql(), user, null, "agent_deleted", ActivityStore.named("Ada"));
      }
      assertEquals(all, read, path);
      api.sql().execute("delete from activity_events where metadata_json ->> 'n' is null");
    }
    assertEquals(all.subList(2, 4), ids(page("/activity/me?limit=2&offset=2", ada.access())));
    assertEquals(all.subList(6, 7), ids(page("/activity/public?offset=6", null)));
  }

  @Test
  void d6WhatIsLookedUpHasAnIndex() {
    for (String columns :
        List.of(
            "sessions (refresh_token_hash)",
            "oauth_connections (user_id)",
            "wallet_connections (user_id)",
            "activity_events (created_at",
            "activity_events (user_id, created_at)",
            "activity_feed (position)",
            "activity_feed (event_id)")) {
      String pattern = "% ON public." + columns.replace(" (", " USING btree (") + "%";
      assertFalse(
          api.sql()
              .fetch(
                  "select 1 from pg_indexes where replace(indexdef, '\"', '') like {0}",
                  DSL.val(pattern))
              .isEmpty(),
          columns);
    }
    String plan =
        api.sql()
            .transactionResult(tx -> {
              tx.dsl().execute("set local enable_seqscan = off; set local enable_bitmapscan = off");
              return tx.dsl()
                  .fetchValues(
                      "explain select * from activity_events"
                          + " where user_id = '00000000-0000-0000-0000-000000000000'"
                          + " and (created_at, id) < (timestamptz '2026-01-01Z',"
                          + " uuid '00000000-0000-0000-0000-000000000000')"
                          + " order by created_at desc, id desc limit 50")
                  .toString();
            });
    assertTrue(plan.contains("ix_activity_user_created"), plan);
  }

  @Test
  void badPagesAreRefused() throws Exception {
    String ada = api.guest().access();
    for (String path : List.of("/activity/me", "/activity/public")) {
      Map<String, String> faults =
          Map.of(
              "limit=-1", "greater_than_equal",
              "limit=0", "greater_than_equal",
              "limit=101", "less_than_equal",
              "limit=x", "int_parsing",
              "offset=-1", "greater_than_equal",
              "before=1", "uuid_parsing");
      for (Map.Entry<String, String> fault : faults.entrySet()) {
        HttpResponse<String> answer = api.call("GET", path + "?" + fault.getKey(), ada, null);
        assertEquals(422, answer.statusCode(), path + fault);
        assertEquals(fault.getValue(), Json.parse(answer.body()).at("/detail/0/type").textValue());
      }
    }
  }

  private void setPublicName(TestApi.Tokens owner, UUID agent, boolean shown) throws Exception {
    HttpResponse<String> changed =
        api.call("PATCH", "/agents/" + agent, owner.access(), "{\"public_name\":" + shown + "}");
    assertEquals(200, changed.statusCode(), changed.body());
    assertEquals(shown, Json.parse(changed.body()).get("public_name").booleanValue());
  }

  private JsonNode page(String path, @Nullable String token) throws Exception {
    HttpResponse<String> answer = api.call("GET", path, token, null);
    assertEquals(200, answer.statusCode(), answer.body());
    return Json.parse(answer.body()).get("events");
  }

  private static List<String> ids(JsonNode events) {
    List<String> ids = new ArrayList<>();
    events.forEach(event -> ids.add(event.get("id").textValue()));
    return ids;
  }

  private void happen(String metadata) {
    api.sql()
        .execute(
            "insert into activity_events (id, event_type, metadata_json, is_public)"
                + " values (gen_random_uuid(), 'agent_deployed', {0}::json, true)",
            DSL.val(metadata));
  }
}
