package ai.liberclaw.api;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The ways into an account, and that the last of them stays. */
@ExtendWith(Postgres.Extension.class)
class ConnectionTest {
  private static final String PATH = "/users/me/connections";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static UUID oauth(UUID user, String provider) {
    UUID id = UUID.randomUUID();
    api.sql()
        .execute(
            "insert into oauth_connections (id, user_id, provider, provider_id, provider_email,"
                + " created_at) values ({0}, {1}, {2}, {3}, 'a@b.example', now())",
            val(id), val(user), val(provider), val(id.toString()));
    return id;
  }

  private static UUID wallet(UUID user) {
    UUID id = UUID.randomUUID();
    api.sql()
        .execute(
            "insert into wallet_connections (id, user_id, chain, address, created_at)"
                + " values ({0}, {1}, 'evm', {2}, now())",
            val(id), val(user), val("0x" + id));
    return id;
  }

  /** Somebody who came by a provider: no e-mail, no device. */
  private static TestApi.Tokens connectedOnly() throws Exception {
    TestApi.Tokens tokens = api.guest();
    api.sql()
        .execute(
            "update users set tier = 'free', device_id = null where id = {0}",
            val(api.userId(tokens)));
    return tokens;
  }

  private static HttpResponse<String> delete(TestApi.Tokens tokens, UUID id) throws Exception {
    return api.call("DELETE", PATH + "/" + id, tokens.access(), null);
  }

  @Test
  void accountsElsewhereAreListedBeforeWallets() throws Exception {
    TestApi.Tokens ada = connectedOnly();
    UUID user = api.userId(ada);
    UUID wallet = wallet(user);
    UUID google = oauth(user, "google");
    oauth(api.userId(api.guest()), "google");
    JsonNode list = Json.parse(api.call("GET", PATH, ada.access(), null).body());
    assertEquals(2, list.size());
    List<String> names = new ArrayList<>();
    list.get(0).fieldNames().forEachRemaining(names::add);
    assertEquals(
        List.of("id", "type", "provider", "chain", "address", "email", "created_at"), names);
    assertEquals(google.toString(), list.get(0).get("id").textValue());
    assertEquals("oauth", list.get(0).get("type").textValue());
    assertEquals("a@b.example", list.get(0).get("email").textValue());
    assertTrue(list.get(0).get("chain").isNull() && list.get(0).get("address").isNull());
    assertEquals("wallet", list.get(1).get("type").textValue());
    assertEquals("0x" + wallet, list.get(1).get("address").textValue());
    assertTrue(list.get(1).get("provider").isNull() && list.get(1).get("email").isNull());
  }

  @Test
  void c17AnUnknownConnectionIsNotFoundAndWhatRemainsIsCounted() throws Exception {
    TestApi.Tokens ada = connectedOnly();
    UUID google = oauth(api.userId(ada), "google");
    UUID foreign = oauth(api.userId(api.guest()), "google");
    for (UUID id : List.of(UUID.randomUUID(), foreign)) {
      HttpResponse<String> unknown = delete(ada, id);
      assertEquals(404, unknown.statusCode());
      assertEquals("{\"detail\":\"Connection not found\"}", unknown.body());
    }
    HttpResponse<String> last = delete(ada, google);
    assertEquals(400, last.statusCode());
    assertEquals("{\"detail\":\"Cannot remove last authentication method\"}", last.body());
    UUID wallet = wallet(api.userId(ada));
    assertEquals(204, delete(ada, google).statusCode());
    assertEquals(400, delete(ada, wallet).statusCode());
    assertEquals(422, api.call("DELETE", PATH + "/x", ada.access(), null).statusCode());

    // A verified e-mail is a way in, an unverified one is not; so is a guest's device.
    TestApi.Tokens bob = api.member("c17@example.com");
    assertEquals(204, delete(bob, oauth(api.userId(bob), "github")).statusCode());
    api.sql()
        .execute("update users set email_verified = false where id = {0}", val(api.userId(bob)));
    assertEquals(400, delete(bob, oauth(api.userId(bob), "github")).statusCode());
    TestApi.Tokens guest = api.guest();
    assertEquals(204, delete(guest, oauth(api.userId(guest), "github")).statusCode());
  }

  @Test
  void ofTwoRemovalsAtOnceOneWayRemains() throws Exception {
    for (int round = 0; round < 5; round++) {
      TestApi.Tokens ada = connectedOnly();
      UUID user = api.userId(ada);
      ConcurrentLinkedQueue<UUID> ids =
          new ConcurrentLinkedQueue<>(List.of(oauth(user, "google"), wallet(user)));
      List<Integer> statuses = TestApi.together(2, () -> delete(ada, ids.remove()));
      assertEquals(1, Collections.frequency(statuses, 204), statuses.toString());
      assertEquals(1, Collections.frequency(statuses, 400), statuses.toString());
    }
  }
}
