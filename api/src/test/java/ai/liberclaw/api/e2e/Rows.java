package ai.liberclaw.api.e2e;

import static ai.liberclaw.db.platform.Tables.AGENTS;

import ai.liberclaw.core.config.DotEnv;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.testkit.agent.StubAgent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jooq.impl.DSL;

/** Rows of the platform's database seen from outside, on the server that the api runs. */
final class Rows implements AutoCloseable {
  private final PlatformDatabase database;
  private final Path directory;

  private Rows(PlatformDatabase database, Path directory) {
    this.database = database;
    this.directory = directory;
  }

  static Rows of(Platform platform) {
    return new Rows(
        PlatformDatabase.open(
            new PlatformDatabase.Settings(
                "embedded:" + platform.directory.resolve("postgres"), 1, Duration.ofSeconds(5))),
        platform.directory);
  }

  int count(String table) {
    return database.dsl().fetchCount(DSL.table(DSL.name(table)));
  }

  /** The one value a query gives. */
  String text(String query) {
    return String.valueOf(database.dsl().fetchValue(query));
  }

  /** An agent of the guest that the original deployed, answering where the stub does. */
  String adopt(Guest guest, StubAgent stub) throws Exception {
    Map<String, String> secrets = DotEnv.read(directory.resolve("data/dev.env"));
    FernetKeys keys = FernetKeys.parse(secrets.getOrDefault("LIBERCLAW_ENCRYPTION_KEY", ""), false);
    UUID id = UUID.randomUUID();
    database
        .dsl()
        .insertInto(AGENTS)
        .set(AGENTS.ID, id)
        .set(AGENTS.OWNER_ID, UUID.fromString(guest.get("/users/me").get("id").textValue()))
        .set(AGENTS.NAME, "Stub")
        .set(AGENTS.SYSTEM_PROMPT, "Be a stub.")
        .set(AGENTS.DEPLOYMENT_STATUS, "running")
        .set(AGENTS.VM_URL, stub.origin())
        .set(AGENTS.AUTH_TOKEN, keys.encrypt(StubAgent.SECRET))
        .set(AGENTS.SOURCE, "web")
        .set(AGENTS.CREATED_AT, Instant.now())
        .set(AGENTS.UPDATED_AT, Instant.now())
        .execute();
    return id.toString();
  }

  @Override
  public void close() {
    database.close();
  }
}
