package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.mail.ReceivedMail;
import ai.liberclaw.testkit.mail.SmtpServer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sign-in by mail on two servers with one database, and what of it is stored. */
@ExtendWith(Postgres.Extension.class)
class MailSignInTest {
  private static final String SEND = "/auth/login/email";
  private static final String VERIFY = "/auth/verify-magic-link";

  private static String email(String address) {
    return "{\"email\":\"" + address + "\"}";
  }

  private static String code(String address, String code) {
    return "{\"email\":\"" + address + "\",\"code\":\"" + code + "\"}";
  }

  @Test
  void b7MailsAndWrongCodesAreLimitedAcrossServers(Postgres postgres) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("LIBERCLAW_DATABASE_URL", postgres.migratedDatabase());
    settings.put("LIBERCLAW_MAGIC_LINK_SECRET", Secrets.token(32));
    settings.put("LIBERCLAW_ENCRYPTION_KEY", Secrets.token(32) + "=");
    settings.put("LIBERCLAW_SMTP_HOST", "localhost");
    settings.put("LIBERCLAW_SMTP_USE_TLS", "false");
    try (SmtpServer server = new SmtpServer(Optional.empty(), Optional.empty())) {
      settings.put("LIBERCLAW_SMTP_PORT", Integer.toString(server.port()));
      try (TestApi one = TestApi.start(postgres, settings);
          TestApi two = TestApi.start(postgres, settings)) {
        List<Integer> statuses = new ArrayList<>();
        statuses.addAll(TestApi.together(6, () -> one.post(SEND, null, email("a@example.com"))));
        statuses.addAll(TestApi.together(6, () -> two.post(SEND, null, email("A@Example.com"))));
        assertEquals(5, Collections.frequency(statuses, 200), statuses.toString());
        assertEquals(7, Collections.frequency(statuses, 429), statuses.toString());

        // Each new mail gives five tries, but all mails of an hour together ten.
        for (TestApi api : List.of(one, two)) {
          String right = sentCode(api, server);
          String wrong = right.equals("000000") ? "000001" : "000000";
          List<Integer> tries =
              TestApi.together(5, () -> api.post(VERIFY, null, code("b@example.com", wrong)));
          assertEquals(Collections.nCopies(5, 400), tries);
        }
        String right = sentCode(one, server);
        HttpResponse<String> refused = two.post(VERIFY, null, code("b@example.com", right));
        assertEquals(429, refused.statusCode(), refused.body());
        assertEquals(
            "{\"detail\":\"Too many wrong codes for this address: at most 10 per hour\"}",
            refused.body());
      }
    }
  }

  /** Asks for a mail to b@example.com and gives the code in it, whichever server sent it. */
  private static String sentCode(TestApi api, SmtpServer server) throws Exception {
    long before = toB(server).size();
    assertEquals(200, api.post(SEND, null, email("b@example.com")).statusCode());
    Await.until("the mail", TestApi.DEADLINE, () -> toB(server).size() > before);
    Matcher code = Pattern.compile("Your code is (\\d{6})").matcher(toB(server).getLast().data());
    assertTrue(code.find());
    return code.group(1);
  }

  private static List<ReceivedMail> toB(SmtpServer server) {
    return server.mails().stream().filter(mail -> mail.to().startsWith("b@")).toList();
  }

  @Test
  void b10CodesAreKeyedAndLinksAreRandom(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      TestApi.SignInMail first = api.mail("ada@example.com");
      assertEquals(32, java.util.Base64.getUrlDecoder().decode(first.token()).length);
      var row = api.sql().fetchSingle("select id, code_hash, token_hash from magic_links");
      String hash = row.get("code_hash", String.class);
      String id = row.get("id", UUID.class).toString();
      assertEquals(Secrets.sha256Hex(first.token()), row.get("token_hash", String.class));
      assertEquals(64, hash.length());
      // Nothing a thief of the table could compute.
      assertNotEquals(Secrets.sha256Hex(first.code()), hash);
      assertNotEquals(Secrets.sha256Hex(id + first.code()), hash);
    }
  }

  @Test
  void b7EverySpellingOfADomainIsOneAddress(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      UUID ada = api.userId(api.member("ada@example.com"));
      assertEquals(ada, api.userId(api.member("ada@\uff45xample.com")), "a wide letter");
      assertEquals(ada, api.userId(api.member("ada@exa\u00admple.com")), "a soft hyphen");
      UUID bob = api.userId(api.member("bob@m\u00fcnchen.example.com"));
      assertEquals(bob, api.userId(api.member("bob@xn--mnchen-3ya.example.com")));
      for (int i = 0; i < 2; i++) {
        assertEquals(200, api.post(SEND, null, email("ada@example.com")).statusCode());
      }
      assertEquals(429, api.post(SEND, null, email("ada@ex\u00adample.com")).statusCode());
    }
  }

  @Test
  void c9MailsOfOneMomentAreTwoMails(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      assertEquals(
          Collections.nCopies(5, 200),
          TestApi.together(5, () -> api.post(SEND, null, email("ada@example.com"))));
      assertEquals(5, api.sql().fetch("select distinct token_hash from magic_links").size());
    }
  }

  @Test
  void c1TheAddressThatTheAppBuildsWorks(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      String token = api.mail("ada@example.com").token();
      TestApi.Tokens.of(api.post("/api/v1" + VERIFY, null, "{\"token\":\"" + token + "\"}"));
    }
  }
}
