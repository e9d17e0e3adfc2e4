package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.command.Command;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.testkit.mail.SmtpServer;
import ai.liberclaw.testkit.process.ServerProcess;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code doctor} says of an installation, sound and with each part broken in turn. */
@ExtendWith(Postgres.Extension.class)
class DoctorTest {
  private static final String MODEL_KEY = "sk-doctor-model-key";
  private static final String OLD_KEY = Secrets.token(32) + "=";

  private static final String PRICES =
      """
      {"qwen3-coder-next":{"prompt":1,"completion":2},"glm-4.7":{"prompt":1,"completion":2},
      "claw-flash":{"prompt":1,"completion":2},"z-image-turbo":{"picture":0.1}}
      """;

  @TempDir Path data;

  /** What it found: level by check, the worst counting. */
  private record Findings(int status, JsonNode json, Map<String, String> levels) {
    String textOf(String check) {
      StringBuilder text = new StringBuilder();
      json.get("findings")
          .forEach(finding -> {
            if (finding.get("check").asText().equals(check)) {
              text.append(finding.get("text").asText()).append('\n');
            }
          });
      return text.toString();
    }
  }

  private static Findings doctor(Map<String, String> environment) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int status =
        DoctorChecks.command()
            .run(
                List.of("--json"), environment, new PrintStream(out, true, StandardCharsets.UTF_8));
    String printed = out.toString(StandardCharsets.UTF_8);
    for (String name :
        List.of("LIBERCLAW_JWT_SECRET", "LIBERCLAW_ENCRYPTION_KEY", "LIBERTAI_API_KEY")) {
      String value = environment.getOrDefault(name, "");
      assertTrue(value.isEmpty() || !printed.contains(value), () -> name + " is shown");
    }
    JsonNode json = Json.parse(printed);
    List<String> order = List.of("ok", "skip", "warn", "fail");
    Map<String, String> levels = new TreeMap<>();
    json.get("findings")
        .forEach(finding ->
            levels.merge(
                finding.get("check").asText(),
                finding.get("level").asText(),
                (a, b) -> order.indexOf(a) > order.indexOf(b) ? a : b));
    return new Findings(status, json, levels);
  }

  private Map<String, String> settings(String databaseUrl, String models) {
    Map<String, String> settings = new HashMap<>();
    settings.put("LIBERCLAW_DATABASE_URL", databaseUrl);
    settings.put("LIBERCLAW_DATA_DIR", data.toString());
    settings.put("LIBERCLAW_JWT_SECRET", Secrets.token(32));
    settings.put("LIBERCLAW_MAGIC_LINK_SECRET", Secrets.token(32));
    settings.put("LIBERCLAW_ENCRYPTION_KEY", Secrets.token(32) + "=," + OLD_KEY);
    settings.put("LIBERCLAW_PROVIDERS", "process");
    settings.put("LIBERCLAW_DEV_MODE", "true");
    settings.put("LIBERCLAW_LIBERTAI_API_BASE_URL", models);
    settings.put("MODEL_PROVIDER", "openai");
    settings.put("LIBERTAI_API_KEY", MODEL_KEY);
    settings.put("LIBERCLAW_MODEL_PRICES", PRICES);
    settings.put("PORT", Integer.toString(ServerProcess.freePort()));
    settings.put("PATH", System.getenv("PATH"));
    return settings;
  }

  /** Takes one key, and tells the time in each answer, as servers do. */
  private static HttpServer models() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/models",
        exchange -> {
          String sent = exchange.getRequestHeaders().getFirst("Authorization");
          exchange.sendResponseHeaders(("Bearer " + MODEL_KEY).equals(sent) ? 200 : 401, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String base(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  @Test
  void everyProblemOfTheConfigurationIsToldAtOnceAndNoValue() throws Exception {
    Findings findings =
        doctor(
            Map.of(
                "LIBERCLAW_JWT_SECRET",
                "short-secret",
                "LIBERCLAW_ENCRYPTION_KEY",
                "not-a-fernet-key",
                "PORT",
                "many"));
    assertEquals(Command.FAILED, findings.status());
    assertEquals("fail", findings.levels().get("configuration"));
    assertEquals("skip", findings.levels().get("others"));
    String text = findings.textOf("configuration");
    assertTrue(text.contains("LIBERCLAW_JWT_SECRET"), text);
    assertTrue(text.contains("openssl rand"), text);
    assertTrue(text.contains("PORT must be a whole number"), text);
  }

  @Test
  void pricesNobodyNamedAreTold(Postgres postgres) throws Exception {
    HttpServer models = models();
    try {
      Map<String, String> settings = settings(postgres.newDatabase(), base(models));
      settings.put("LIBERCLAW_MODEL_PRICES", "{\"glm-4.7\":{\"prompt\":1,\"completion\":2}}");
      Findings findings = doctor(settings);
      assertEquals("warn", findings.levels().get("models"));
      String text = findings.textOf("models");
      assertTrue(text.contains("qwen3-coder-next 0.3/1.5 USD per million tokens"), text);
      assertTrue(text.contains("z-image-turbo 0.03 USD per picture"), text);
      assertFalse(text.contains("glm-4.7"), text);
    } finally {
      models.stop(0);
    }
  }

  @Test
  void aNewDatabaseWaitsForItsMigrationsAndIsNotChangedByLooking(Postgres postgres)
      throws Exception {
    HttpServer models = models();
    try {
      String url = postgres.newDatabase();
      Map<String, String> settings = settings(url, base(models));
      for (int i = 0; i < 2; i++) {
        Findings findings = doctor(settings);
        assertEquals("warn", findings.levels().get("database"));
        assertTrue(findings.textOf("database").contains("migrations wait: 1, 2, 3"));
        assertEquals("skip", findings.levels().get("keys"));
        assertEquals("skip", findings.levels().get("providers"));
      }
      try (PlatformDatabase database = PlatformDatabase.open(url)) {
        // An agent whose secret is under the former key, and one under a key that is gone.
        database
            .dsl()
            .execute(
                "with u as (insert into users (id) values (gen_random_uuid()) returning id)"
                    + " insert into agents (id, owner_id, name, system_prompt, auth_token)"
                    + " select gen_random_uuid(), u.id, 'Ada', '', {0} from u",
                DSL.val(FernetKeys.parse(OLD_KEY, false).encrypt("x")));
        database
            .dsl()
            .execute(
                "insert into alarms (name, level, message) values ('credits', 'critical', '6 h')");
        Findings findings = doctor(settings);
        assertEquals("ok", findings.levels().get("database"), findings.json()::toPrettyString);
        assertEquals("fail", findings.levels().get("alarms"));
        assertEquals("credits: 6 h\n", findings.textOf("alarms"));
        assertEquals("warn", findings.levels().get("keys"));
        assertTrue(findings.textOf("keys").contains("1 secrets are under an older key"));
        assertEquals("ok", findings.levels().get("models"));
        assertEquals("ok", findings.levels().get("clock"), findings.json()::toPrettyString);
        assertEquals("warn", findings.levels().get("server"), "nothing listens");
        assertFalse(findings.levels().containsKey("addresses"), "development has none");

        settings.put("LIBERCLAW_ENCRYPTION_KEY", Secrets.token(32) + "=");
        settings.put("LIBERTAI_API_KEY", "sk-another-model-key");
        Findings broken = doctor(settings);
        assertEquals("fail", broken.levels().get("keys"));
        assertTrue(broken.textOf("keys").contains("agents.auth_token"));
        assertEquals("fail", broken.levels().get("models"));
        assertEquals(Command.FAILED, broken.status());
      }
    } finally {
      models.stop(0);
    }
  }

  @Test
  void aDatabaseThatDoesNotAnswerFailsAloneAndWithoutItsPassword() throws Exception {
    String url =
        "postgresql://ada:hidden-word@127.0.0.1:" + ServerProcess.freePort() + "/liberclaw";
    Findings findings = doctor(settings(url, "http://127.0.0.1:" + ServerProcess.freePort()));
    assertEquals("fail", findings.levels().get("database"));
    assertFalse(findings.json().toString().contains("hidden-word"));
    assertEquals("skip", findings.levels().get("keys"));
    assertEquals("fail", findings.levels().get("models"));
    assertEquals("ok", findings.levels().get("java"));
  }

  @Test
  void anEmbeddedDatabaseThatIsNotThereYetIsNotMadeByLooking() throws Exception {
    Path folder = data.resolve("postgres");
    Findings findings =
        doctor(settings("embedded:" + folder, "http://127.0.0.1:" + ServerProcess.freePort()));
    assertEquals("ok", findings.levels().get("database"));
    assertFalse(folder.toFile().exists());
  }

  @Test
  void mailIsTriedAsFarAsTheLoginAndNoneIsSent(Postgres postgres) throws Exception {
    SmtpServer.Login login = new SmtpServer.Login("lib", "pass word");
    try (SmtpServer server = new SmtpServer(Optional.empty(), Optional.of(login))) {
      Map<String, String> settings = settings(postgres.newDatabase(), "http://127.0.0.1:1");
      settings.put("LIBERCLAW_DEV_MODE", "false");
      settings.put("LIBERCLAW_MODEL_ALLOW_HOSTS", "127.0.0.1:1");
      settings.put("LIBERCLAW_API_URL", "https://127.0.0.1:1");
      settings.put("LIBERCLAW_FRONTEND_URL", "https://127.0.0.1:1");
      assertEquals("fail", doctor(settings).levels().get("mail"), "there is no way out");
      settings.put("LIBERCLAW_SMTP_HOST", "localhost");
      settings.put("LIBERCLAW_SMTP_PORT", Integer.toString(server.port()));
      settings.put("LIBERCLAW_SMTP_USER", login.user());
      settings.put("LIBERCLAW_SMTP_PASSWORD", login.password());
      assertEquals("fail", doctor(settings).levels().get("mail"), "it offers no encryption");
      settings.put("LIBERCLAW_SMTP_USE_TLS", "false");
      Findings fine = doctor(settings);
      assertEquals("ok", fine.levels().get("mail"), fine.json()::toPrettyString);
      assertEquals("fail", fine.levels().get("addresses"));
      settings.put("LIBERCLAW_SMTP_PASSWORD", "another");
      Findings refused = doctor(settings);
      assertEquals("fail", refused.levels().get("mail"));
      assertTrue(refused.textOf("mail").contains("refused the login"), refused.textOf("mail"));
      assertEquals(0, server.mails().size());
      settings.remove("LIBERCLAW_MAGIC_LINK_SECRET");
      assertEquals("warn", doctor(settings).levels().get("mail"));
    }
  }
}
