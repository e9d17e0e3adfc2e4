package ai.liberclaw.deploy;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.host.PerlRelease;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.Releases;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A control plane as a server has it, configured with the keys of all model services by every name
 * there is for them, and with a key of its one user.
 */
final class OperatorPlane implements AutoCloseable {
  private static final Duration DEPLOYED = Duration.ofMinutes(3);

  final PlatformDatabase database;
  final ControlPlaneConfig config;
  final ControlPlane plane;
  final UUID owner;
  private final Path directory;
  private final List<String> keys = new ArrayList<>();
  private final KeyPair signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  private final Notifications notifications;

  /**
   * @param more settings of the provider
   */
  OperatorPlane(
      PlatformDatabase database, Path directory, String provider, Map<String, String> more)
      throws Exception {
    this.database = database;
    this.directory = directory;
    byte[] encoded = signer.getPublic().getEncoded();
    Map<String, String> variables = new HashMap<>();
    variables.put("LIBERCLAW_DATA_DIR", directory.resolve("data").toString());
    variables.put("LIBERCLAW_ENCRYPTION_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    variables.put("LIBERCLAW_PROVIDERS", provider);
    variables.put("LIBERCLAW_GATEWAY_URL", "https://gateway.example");
    variables.put(
        "LIBERCLAW_RELEASE_PUBLIC_KEYS",
        Base64.getEncoder()
            .encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)));
    for (String name : List.of("LIBERTAI", "ANTHROPIC", "BRAVE")) {
      variables.put(name + "_API_KEY", key());
      variables.put("LIBERCLAW_" + name + "_API_KEY", key());
    }
    variables.put("MODEL_FALLBACKS", "anthropic:claude");
    variables.putAll(more);
    EnvReader env = new EnvReader(variables);
    config = ControlPlaneConfig.read(env);
    env.throwIfProblems();
    owner = TestPlane.user(database, "pro");
    database
        .dsl()
        .execute(
            "insert into api_keys (id, user_id, label, encrypted_key, is_active, created_at)"
                + " values (gen_random_uuid(), {0}, 'own', {1}, true, now())",
            val(owner), val(config.keys().encrypt(key())));
    notifications = new Notifications(database);
    variables.put("PATH", "/usr/bin:/bin");
    plane = ControlPlane.start(config, database, notifications, variables, new Mask());
    notifications.start();
    plane.gatewayListens(URI.create("http://127.0.0.1:9"));
  }

  private String key() {
    String key = "sk-operator-" + UUID.randomUUID();
    keys.add(key);
    return key;
  }

  /** A release that any Debian runs. */
  Release release(String version) throws Exception {
    Path folder = directory.resolve(version);
    PerlRelease.bundle(folder, version, signer.getPrivate());
    Releases releases = new Releases(database, config.releases());
    Release release = releases.add(folder);
    assertTrue(releases.makeCurrent(release.id()));
    return release;
  }

  Agent deployed() {
    Agent agent = plane.agents().create(owner, TestPlane.draft("Ada"));
    Await.until(
        "the agent runs",
        DEPLOYED,
        () -> {
          String status = plane.agents().find(owner, agent.id()).orElseThrow().status();
          assertFalse(status.equals("failed"), () -> progress(agent));
          return status.equals("running");
        });
    return plane.agents().find(owner, agent.id()).orElseThrow();
  }

  private String progress(Agent agent) {
    return plane.agents().status(owner, agent.id()).orElseThrow().progress().logs().toString();
  }

  String token(Agent agent) {
    return new AgentTokens(config.keys())
        .mint(new AgentToken(agent.id(), owner, agent.generation()));
  }

  /**
   * Everything on the machine an agent lives on.
   *
   * @param token of the agent: where it is found the search went deep enough
   */
  void assertNoKeyIn(String seen, String token) {
    assertTrue(seen.contains(token), "nothing is found where the agent's own token is not");
    keys.forEach(key -> assertFalse(seen.contains(key), "a model key is with the agent"));
  }

  /** What the platform itself shows and keeps of the agent. */
  void assertNoKeyHere(Agent agent) throws IOException, AgentException {
    List<String> places = new ArrayList<>();
    for (String table :
        List.of("instances", "deployments", "deployment_logs", "deployment_steps", "agents")) {
      places.add(database.dsl().fetch("select * from " + table).toString());
    }
    places.add(agent.toString());
    places.add(plane.agents().status(owner, agent.id()).orElseThrow().toString());
    AgentEndpoint endpoint = plane.agents().endpoint(owner, agent.id()).orElseThrow();
    AgentClient client =
        new AgentClient(AgentClient.Timeouts.STANDARD, true, Clock.systemUTC(), plane.tunnels());
    try {
      places.add(client.health(endpoint.address().orElseThrow()).toString());
    } finally {
      client.close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        places.add(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    for (String key : keys) {
      assertFalse(places.stream().anyMatch(place -> place.contains(key)));
      assertEquals(List.of(), Processes.mentioning(key), "arguments and environments");
    }
  }

  @Override
  public void close() {
    plane.close();
    notifications.close();
  }
}
