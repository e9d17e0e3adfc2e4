package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static ai.liberclaw.db.platform.Tables.OAUTH_CONNECTIONS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.auth.EmailAddress;
import ai.liberclaw.api.auth.ExternalIdentity;
import ai.liberclaw.api.auth.ExternalLogin;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.db.platform.tables.records.UsersRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which account an identity of another provider leads to. */
@ExtendWith(Postgres.Extension.class)
class AccountLinkingTest {
  private static final Optional<Caller> NOBODY = Optional.empty();
  private static TestApi api;
  private final ExternalLogin logins = new ExternalLogin(Clock.systemUTC());

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "100"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static ExternalIdentity identity(String provider, String email, boolean verified) {
    return new ExternalIdentity(
        provider,
        UUID.randomUUID().toString(),
        EmailAddress.of(email),
        verified,
        Optional.of("Ada Lovelace"),
        Optional.of("https://images.example/ada.png"));
  }

  private static String address() {
    return "p" + UUID.randomUUID().toString().substring(0, 8) + "@example.com";
  }

  private UUID signIn(ExternalIdentity identity, Optional<Caller> guest) {
    return api.sql().transactionResult(tx -> logins.signIn(tx.dsl(), identity, guest));
  }

  private static UsersRecord user(UUID id) {
    return api.sql().fetchSingle(USERS, USERS.ID.eq(id));
  }

  /** An account as the original made it from whatever a provider told. */
  private static UUID unproven(String email, String provider, String providerId) {
    UUID id = UUID.randomUUID();
    api.sql()
        .insertInto(USERS)
        .set(USERS.ID, id)
        .set(USERS.EMAIL, email)
        .set(USERS.EMAIL_LOWER, email)
        .set(USERS.TIER, "free")
        .set(USERS.CREATED_AT, Instant.now())
        .set(USERS.UPDATED_AT, Instant.now())
        .execute();
    api.sql()
        .insertInto(OAUTH_CONNECTIONS)
        .set(OAUTH_CONNECTIONS.ID, UUID.randomUUID())
        .set(OAUTH_CONNECTIONS.USER_ID, id)
        .set(OAUTH_CONNECTIONS.PROVIDER, provider)
        .set(OAUTH_CONNECTIONS.PROVIDER_ID, providerId)
        .set(OAUTH_CONNECTIONS.PROVIDER_EMAIL, email)
        .set(OAUTH_CONNECTIONS.CREATED_AT, Instant.now())
        .execute();
    return id;
  }

  private Refusal refused(ExternalIdentity identity, Optional<Caller> guest) {
    Refusal refusal = assertThrows(Refusal.class, () -> signIn(identity, guest));
    assertEquals(409, refusal.status());
    return refusal;
  }

  @Test
  void aNewIdentityMakesAnAccountThatItLeadsToFromThenOn() {
    String email = address();
    ExternalIdentity identity = identity("google", email, true);
    UUID made = signIn(identity, NOBODY);
    UsersRecord user = user(made);
    assertEquals(email, user.getEmail());
    assertTrue(user.getEmailVerified());
    assertEquals("free", user.getTier());
    assertEquals("Ada Lovelace", user.getDisplayName());
    assertEquals("https://images.example/ada.png", user.getAvatarUrl());
    assertEquals(made, signIn(identity, NOBODY));
    assertEquals(
        2,
        api.sql()
            .fetchCount(
                ACTIVITY_EVENTS,
                ACTIVITY_EVENTS
                    .USER_ID
                    .eq(made)
                    .and("event_type = 'user_login' and metadata_json->>'method' = 'google'")));
  }

  @Test
  void namesAndPicturesAreCutAndFreedOfWhatNobodyCanKeep() {
    String wide = "\uD83D\uDE00".repeat(101);
    ExternalIdentity identity =
        new ExternalIdentity(
            "github",
            UUID.randomUUID().toString(),
            Optional.empty(),
            false,
            Optional.of("\0\uD800" + wide),
            Optional.of("https://images.example/" + "x".repeat(600)));
    UsersRecord user = user(signIn(identity, NOBODY));
    assertEquals("\uD83D\uDE00".repeat(100), user.getDisplayName());
    assertEquals(500, user.getAvatarUrl().length());
    assertNull(user.getEmail());
  }

  @Test
  void provenAddressesJoinAccounts() throws Exception {
    String email = address();
    UUID byMail = api.userId(api.member(email));
    assertEquals(byMail, signIn(identity("google", email.toUpperCase(Locale.ROOT), true), NOBODY));
    assertEquals(byMail, signIn(identity("github", email, true), NOBODY));
    assertEquals(2, api.sql().fetchCount(OAUTH_CONNECTIONS, OAUTH_CONNECTIONS.USER_ID.eq(byMail)));
    assertNull(user(byMail).getDisplayName());
  }

  @Test
  void b2AnAddressTheProviderDoesNotVouchForOpensNoAccount() throws Exception {
    String email = address();
    UUID victim = api.userId(api.member(email));
    Refusal refusal = refused(identity("google", email, false), NOBODY);
    assertEquals("Email already linked to another account", refusal.text());
    assertEquals(0, api.sql().fetchCount(OAUTH_CONNECTIONS, OAUTH_CONNECTIONS.USER_ID.eq(victim)));
  }

  @Test
  void b2AnUnprovenAccountIsNotJoinedEvenByItsOwner() {
    String email = address();
    UUID squatted = unproven(email, "github", UUID.randomUUID().toString());
    refused(identity("google", email, true), NOBODY);
    assertFalse(user(squatted).getEmailVerified());
  }

  @Test
  void b2AnUnprovenAddressIsNotedAndStaysFreeForItsOwner() throws Exception {
    String email = address();
    UUID stranger = signIn(identity("google", email, false), NOBODY);
    assertNull(user(stranger).getEmail());
    assertFalse(user(stranger).getEmailVerified());
    assertEquals(
        email,
        api.sql()
            .fetchValue(OAUTH_CONNECTIONS.PROVIDER_EMAIL, OAUTH_CONNECTIONS.USER_ID.eq(stranger)));
    assertNotEquals(stranger, api.userId(api.member(email)));
  }

  @Test
  void b2ProvingAnAddressShutsOutWhoeverUsedItBefore() throws Exception {
    String email = address();
    TestApi.Tokens before = api.member(email);
    UUID id = api.userId(before);
    // As the original would have left an account that a stranger began with this address.
    api.sql().update(USERS).set(USERS.EMAIL_VERIFIED, false).where(USERS.ID.eq(id)).execute();
    ExternalIdentity stranger = identity("github", email, false);
    api.sql()
        .insertInto(OAUTH_CONNECTIONS)
        .set(OAUTH_CONNECTIONS.ID, UUID.randomUUID())
        .set(OAUTH_CONNECTIONS.USER_ID, id)
        .set(OAUTH_CONNECTIONS.PROVIDER, "github")
        .set(OAUTH_CONNECTIONS.PROVIDER_ID, stranger.providerId())
        .set(OAUTH_CONNECTIONS.PROVIDER_EMAIL, email)
        .set(OAUTH_CONNECTIONS.CREATED_AT, Instant.now())
        .execute();
    assertEquals(id, signIn(stranger, NOBODY));

    TestApi.Tokens owner = api.member(email);
    assertEquals(id, api.userId(owner));
    assertTrue(user(id).getEmailVerified());
    assertEquals(401, api.call("GET", "/users/me", before.access(), null).statusCode());
    assertEquals(
        401,
        api.post("/auth/refresh", null, "{\"refresh_token\":\"" + before.refresh() + "\"}")
            .statusCode());
    refused(stranger, NOBODY);
    // The owner's own provider joins now, and a next mail takes nothing away.
    ExternalIdentity google = identity("google", email, true);
    assertEquals(id, signIn(google, NOBODY));
    assertEquals(id, api.userId(api.member(email)));
    assertEquals(id, signIn(google, NOBODY));
    assertEquals(200, api.call("GET", "/users/me", owner.access(), null).statusCode());
  }

  @Test
  void aGuestIsUpgradedAndKeepsWhatItHas() throws Exception {
    String device = UUID.randomUUID().toString();
    String body = "{\"device_id\":\"" + device + "\"}";
    TestApi.Tokens tokens = TestApi.Tokens.of(api.post("/auth/guest", null, body));
    UUID guest = api.userId(tokens);
    api.call("PATCH", "/users/me", tokens.access(), "{\"display_name\":\"Mine\"}");
    String email = address();
    ExternalIdentity google = identity("google", email, true);
    Optional<Caller> caller = Optional.of(new Caller(guest, "guest"));
    assertEquals(guest, signIn(google, caller));
    UsersRecord user = user(guest);
    assertEquals("free", user.getTier());
    assertEquals(email, user.getEmail());
    assertTrue(user.getEmailVerified());
    assertEquals("Mine", user.getDisplayName());
    assertEquals("https://images.example/ada.png", user.getAvatarUrl());
    assertNull(user.getDeviceId());
    // Asking once more with the same bearer is asking for the same account.
    assertEquals(guest, signIn(google, caller));
    assertNotEquals(
        guest, api.userId(TestApi.Tokens.of(api.post("/auth/guest", null, body))), "a new guest");
  }

  @Test
  void b2AGuestIsUpgradedWithoutAnAddressThatIsNotProven() throws Exception {
    UUID guest = api.userId(api.guest());
    signIn(identity("apple", address(), false), Optional.of(new Caller(guest, "guest")));
    assertEquals("free", user(guest).getTier());
    assertNull(user(guest).getEmail());
    assertFalse(user(guest).getEmailVerified());
  }

  @Test
  void aGuestDoesNotGetWhatIsSomebodyElses() throws Exception {
    String email = address();
    api.member(email);
    UUID guest = api.userId(api.guest());
    Optional<Caller> caller = Optional.of(new Caller(guest, "guest"));
    for (boolean verified : List.of(true, false)) {
      assertEquals(
          "Email already linked to another account",
          refused(identity("google", email, verified), caller).text());
    }
    for (String provider : List.of("google", "apple")) {
      ExternalIdentity other =
          new ExternalIdentity(
              provider,
              UUID.randomUUID().toString(),
              Optional.empty(),
              false,
              Optional.empty(),
              Optional.empty());
      UUID owner = signIn(other, NOBODY);
      assertEquals(
          (provider.equals("google") ? "Google" : "Apple")
              + " account already linked to another user",
          refused(other, caller).text());
      // Somebody who is no guest signs in as without a bearer.
      assertEquals(owner, signIn(other, Optional.of(new Caller(guest, "free"))));
    }
    assertEquals("guest", user(guest).getTier());
  }

  @Test
  void a9ParallelFirstSignInsOfOneIdentityMakeOneAccount() throws Exception {
    for (boolean verified : List.of(true, false)) {
      ExternalIdentity identity = identity("google", address(), verified);
      assertEquals(1, new HashSet<>(together(12, identity, NOBODY)).size());
      UUID guest = api.userId(api.guest());
      ExternalIdentity apple = identity("apple", address(), verified);
      assertEquals(
          List.of(guest),
          together(12, apple, Optional.of(new Caller(guest, "guest"))).stream()
              .distinct()
              .toList());
    }
    // Nobody is left over from a lost race.
    assertEquals(
        0,
        api.sql()
            .fetchCount(
                USERS,
                USERS
                    .EMAIL
                    .isNull()
                    .and(USERS.TIER.eq("free"))
                    .and(
                        USERS.ID.notIn(
                            api.sql().select(OAUTH_CONNECTIONS.USER_ID).from(OAUTH_CONNECTIONS)))));
  }

  @Test
  void a9ParallelIdentitiesOfOneAddressAreOneAccount() throws Exception {
    String email = address();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<UUID>> users = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        ExternalIdentity identity = identity(i % 2 == 0 ? "google" : "github", email, true);
        users.add(threads.submit(() -> signIn(identity, NOBODY)));
      }
      HashSet<UUID> found = new HashSet<>();
      for (Future<UUID> user : users) {
        found.add(user.get());
      }
      assertEquals(1, found.size());
    }
  }

  private List<UUID> together(int count, ExternalIdentity identity, Optional<Caller> guest)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<UUID>> users = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        users.add(threads.submit(() -> signIn(identity, guest)));
      }
      List<UUID> found = new ArrayList<>();
      for (Future<UUID> user : users) {
        found.add(user.get());
      }
      return found;
    }
  }
}
