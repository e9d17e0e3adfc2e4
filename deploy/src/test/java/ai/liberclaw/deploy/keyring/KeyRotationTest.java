package ai.liberclaw.deploy.keyring;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.core.secret.Envelope;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.InvalidTokenException;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.keyring.KeyRotation.Count;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Changing the encryption key of an installation loses nothing. */
@ExtendWith(PlatformExtension.class)
class KeyRotationTest {
  private static final String OLD = key();
  private static final String NEW = key();
  private static final FernetKeys BEFORE = FernetKeys.parse(OLD, false);
  private static final FernetKeys DURING = FernetKeys.parse(NEW + "," + OLD, false);
  private static final FernetKeys AFTER = FernetKeys.parse(NEW, false);

  private DSLContext sql;
  private UUID user;

  private static String key() {
    return Secrets.token(32) + "=";
  }

  @BeforeEach
  void person(Platform platform) {
    sql = platform.database().dsl();
    sql.execute("delete from mail_outbox");
    user = UUID.randomUUID();
    sql.execute("insert into users (id) values ({0})", val(user));
  }

  @Test
  void everythingComesUnderTheCurrentKeyAndReadsTheSame() throws Exception {
    agent(BEFORE.encrypt("agent secret"));
    // More than one page of rows.
    Set<String> secrets = new HashSet<>();
    for (int i = 0; i < 45; i++) {
      secrets.add("sk-" + i);
      apiKey((i % 3 == 0 ? DURING : BEFORE).encrypt("sk-" + i));
    }
    mail(BEFORE.encrypt("{}"));

    KeyRotation rotation = new KeyRotation(sql, DURING, 20);
    assertEquals(
        List.of(
            new Count("agents.auth_token", 0, 1, 0, 0),
            new Count("api_keys.encrypted_key", 15, 30, 0, 0),
            new Count("mail_outbox.content", 0, 1, 0, 0)),
        fernet(rotation.count()));
    assertEquals(
        List.of(
            new Count("agents.auth_token", 1, 0, 0, 1),
            new Count("api_keys.encrypted_key", 45, 0, 0, 30),
            new Count("mail_outbox.content", 1, 0, 0, 1)),
        fernet(rotation.rotate()));

    assertEquals("agent secret", AFTER.decrypt(text("select auth_token from agents")));
    assertEquals("{}", AFTER.decrypt(text("select content from mail_outbox")));
    Set<String> read = new HashSet<>();
    for (String sealed :
        sql.fetch("select encrypted_key from api_keys").getValues(0, String.class)) {
      assertThrows(InvalidTokenException.class, () -> BEFORE.decrypt(sealed));
      read.add(AFTER.decrypt(sealed));
    }
    assertEquals(secrets, read);
    assertEquals(
        new Count("api_keys.encrypted_key", 45, 0, 0, 0), fernet(rotation.rotate()).get(1));
  }

  @Test
  void keysOfMachinesStayBoundToTheirRows() throws Exception {
    UUID host = UUID.randomUUID();
    UUID instance = UUID.randomUUID();
    Envelope.Place ofHost = new Envelope.Place("hosts", "ssh_key", host);
    Envelope.Place ofInstance = new Envelope.Place("instances", "ssh_key", instance);
    sql.execute("delete from hosts");
    sql.execute(
        "insert into hosts (id, name, address, port, login, host_key, ssh_key, agents_max)"
            + " values ({0}, 'h', 'example.org', 22, 'root', 'k', {1}, 1)",
        val(host), val(BEFORE.envelope().seal("host key", ofHost)));
    sql.execute(
        "insert into instances (id, provider, ssh_key) values ({0}, 'ssh', {1})",
        val(instance), val(BEFORE.envelope().seal("instance key", ofInstance)));
    KeyRotation rotation = new KeyRotation(sql, DURING);
    List<Count> renewed = rotation.rotate();
    assertEquals(
        List.of(new Count("hosts.ssh_key", 1, 0, 0, 1), new Count("instances.ssh_key", 1, 0, 0, 1)),
        renewed.subList(3, 5));
    assertEquals("host key", AFTER.envelope().open(text("select ssh_key from hosts"), ofHost));
    assertEquals(
        "instance key", AFTER.envelope().open(text("select ssh_key from instances"), ofInstance));
    assertEquals(0, rotation.rotate().get(3).renewed());
    sql.execute("delete from hosts");
  }

  @Test
  void whatNoKeyReadsIsToldAndLeftAsItIs() throws Exception {
    String foreign = FernetKeys.parse(key(), false).encrypt("x");
    apiKey(foreign);
    apiKey(BEFORE.encrypt("sk-1"));
    assertEquals(
        new Count("api_keys.encrypted_key", 1, 0, 1, 1),
        fernet(new KeyRotation(sql, DURING).rotate()).get(1));
    assertEquals(
        1,
        sql.fetchSingle("select count(*) from api_keys where encrypted_key = {0}", val(foreign))
            .get(0, Integer.class));
  }

  @Test
  void aSecretThatSomebodyReplacesMeanwhileIsKept() {
    apiKey(BEFORE.encrypt("sk-old"));
    SealedStore.Column<?> column = SealedStore.columns(DURING).get(1);
    SealedStore.Row row = SealedStore.page(sql, column, java.util.Optional.empty(), 10).getFirst();
    String replaced = DURING.encrypt("sk-new");
    sql.execute("update api_keys set encrypted_key = {0}", val(replaced));
    assertEquals(false, SealedStore.replace(sql, column, row, DURING.encrypt("sk-old")));
    assertEquals("sk-new", AFTER.decrypt(text("select encrypted_key from api_keys")));
  }

  private static List<Count> fernet(List<Count> counts) {
    return counts.subList(0, 3);
  }

  private String text(String query) {
    return sql.fetchSingle(query).get(0, String.class);
  }

  private void apiKey(String sealed) {
    sql.execute(
        "insert into api_keys (id, user_id, label, encrypted_key)"
            + " values (gen_random_uuid(), {0}, 'key', {1})",
        val(user), val(sealed));
  }

  private void mail(String sealed) {
    sql.execute(
        "insert into mail_outbox (id, recipient, content, expires_at)"
            + " values (gen_random_uuid(), 'a@example.org', {0}, now())",
        val(sealed));
  }

  private void agent(String sealed) {
    sql.execute(
        "insert into agents (id, owner_id, name, system_prompt, auth_token)"
            + " values (gen_random_uuid(), {0}, 'Ada', '', {1})",
        val(user), val(sealed));
  }
}
