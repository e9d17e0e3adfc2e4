package ai.liberclaw.deploy.provider.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.engine.FakeEngine;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.Release;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the provider asks of an engine, and what it makes of each answer. */
class ContainerTest {
  private static final String KEY = "sk-test-model-key-0123456789";
  private static final UUID INSTALLATION = UUID.randomUUID();

  private final FakeEngine engine = new FakeEngine();
  private final Map<String, Release> releases = new TreeMap<>();
  private final TestOrder order = new TestOrder();
  private Release first = release("1", Path.of("/nowhere"));
  private ContainerProvider provider = provider(Path.of("/nowhere"), INSTALLATION);

  @BeforeEach
  void open(@TempDir Path folder) {
    releases.clear();
    first = release("1", folder);
    provider = provider(folder, INSTALLATION);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void anAgentIsCreatedOnceHoweverOftenEachStepIsRepeated() throws Exception {
    for (int round = 0; round < 2; round++) {
      provider.provision(order);
      provider.allocate(order);
      provider.configure(order);
    }
    provider.start(order);
    String boot = health().bootId().orElseThrow();
    provider.start(order);
    assertEquals(Optional.of(boot), health().bootId(), "what runs as it should is left alone");
    assertTrue(provider.started(order.handle()));
    assertEquals(1, engine.starts.get());
    assertEquals(1, engine.calls.stream().filter(c -> c.startsWith("POST /commit")).count());
    Names names = new Names(INSTALLATION, order.instance);
    assertEquals(
        List.of(names.network(), names.agent(), names.config(1), names.data(), names.holder()),
        engine.left());
  }

  @Test
  void theEndOfOneAgentIsNotTheEndOfAnothersFiles() throws Exception {
    Names other = new Names(INSTALLATION, UUID.randomUUID());
    engine.volume(other.data(), other.labels("data", Optional.empty()));
    create();
    provider.destroy(order);
    assertEquals(List.of(other.data()), engine.left());
  }

  @Test
  void theContainerHasNoRightsAndTheConfigurationIsNobodyElses() throws Exception {
    order.prompt = "line\n\"$(id)\" %s \u0000 🦀 " + "x".repeat(100_000);
    create();
    JsonNode agent = engine.spec(engine.container("-agent"));
    JsonNode host = agent.path("HostConfig");
    assertEquals("10001:10001", agent.path("User").asText());
    assertEquals("[\"ALL\"]", host.path("CapDrop").toString());
    assertTrue(host.path("CapAdd").isMissingNode());
    assertEquals("[\"no-new-privileges\"]", host.path("SecurityOpt").toString());
    assertTrue(host.path("ReadonlyRootfs").asBoolean() && host.path("Init").asBoolean());
    assertEquals(host.path("Memory").asLong(), host.path("MemorySwap").asLong());
    assertEquals(512, host.path("PidsLimit").asInt());
    assertEquals(1_000_000_000, host.path("NanoCpus").asLong());
    assertEquals("unless-stopped", host.path("RestartPolicy").path("Name").asText());
    assertEquals("container:" + engine.container("-net"), host.path("NetworkMode").asText());
    assertTrue(host.path("PortBindings").isMissingNode());
    assertTrue(host.path("Mounts").path(1).path("ReadOnly").asBoolean());
    JsonNode net = engine.spec(engine.container("-net"));
    assertEquals(
        "127.0.0.1",
        net.at("/HostConfig/PortBindings").path("8080/tcp").path(0).path("HostIp").asText());
    String all = agent + net.toString() + engine.calls;
    assertFalse(all.contains(KEY) || all.contains("ab".repeat(32)), "a secret in a specification");
    assertFalse(all.contains("docker.sock") || all.contains("Ada"));
    Map<String, String> config = engine.filesUnder("/etc/liberclaw/");
    assertEquals(List.of("/etc/liberclaw/config.json 10001 600"), List.copyOf(config.keySet()));
    JsonNode variables = Json.parse(config.values().iterator().next());
    assertEquals(
        order.prompt,
        new String(
            Base64.getDecoder().decode(variables.path("SYSTEM_PROMPT_B64").asText()),
            StandardCharsets.UTF_8));
    assertEquals(order.settings().name(), variables.path("AGENT_NAME").asText());
    assertEquals("container", variables.path("AGENT_RUNTIME").asText());
  }

  @Test
  void anUpdateKeepsWhatRanAsideUntilItIsSettled() throws Exception {
    create();
    String before = health().bootId().orElseThrow();
    update("2");
    assertFalse(health().bootId().orElseThrow().equals(before));
    assertEquals(2, configVolumes());
    provider.settle(order);
    provider.settle(order);
    assertEquals(1, configVolumes());
    assertFalse(provider.revert(order), "there is no way back from a settled update");
  }

  @Test
  void aFailedUpdateGoesBack() throws Exception {
    create();
    String one = engine.spec(engine.container("-agent")).path("Entrypoint").path(0).asText();
    engine.deafFrom.set(2);
    update("2");
    assertFalse(provider.health(order.handle()).answers());
    engine.deafFrom.set(Integer.MAX_VALUE);
    assertTrue(provider.revert(order));
    assertTrue(health().answers());
    assertTrue(provider.revert(order), "a crash after it may repeat it");
    assertEquals(one, engine.spec(engine.container("-agent")).path("Entrypoint").path(0).asText());
    assertEquals(1, configVolumes());
    update("3");
    provider.settle(order);
    assertEquals(1, configVolumes());
  }

  @Test
  void anUpdateThatNeverStartedIsWithdrawn() throws Exception {
    create();
    order.release = Optional.of(release("2", folder()).id());
    provider.configure(order);
    assertTrue(provider.started(order.handle()), "what ran runs on");
    assertTrue(provider.revert(order));
    assertTrue(provider.started(order.handle()));
    assertEquals(1, engine.starts.get());
  }

  @Test
  void nothingIsLeftAndOnlyOursIsFound() throws Exception {
    create();
    engine.volume("foreign", Map.of(Names.INSTALLATION, UUID.randomUUID().toString()));
    List<Found> found = provider.inventory();
    assertEquals(
        List.of(Optional.of(order.instance)), found.stream().map(Found::instanceId).toList());
    assertEquals(List.of(), provider(folder(), UUID.randomUUID()).inventory());
    provider.destroy(order);
    provider.destroy(order);
    assertEquals(List.of("foreign"), engine.left());
    create();
    provider.discard(provider.inventory().getFirst());
    assertEquals(List.of("foreign"), engine.left());
  }

  @Test
  void whatIsNotGoneIsToldAndTriedAgain() throws Exception {
    create();
    engine.fault("DELETE /volumes", new FakeEngine.Fault.Answer(500, "device busy /var/lib/x"));
    ProviderException e = assertThrows(ProviderException.class, () -> provider.destroy(order));
    assertTrue(e.retryable());
    assertFalse(e.text().contains("/var"));
    provider.destroy(order);
    assertEquals(List.of(), engine.left());
  }

  @Test
  void aTakenPortIsChangedForAnother() throws Exception {
    provider.provision(order);
    int taken = order.handle().path("port").asInt();
    engine.fault(
        "POST /containers/liberclaw-" + order.instance + "-net/start",
        new FakeEngine.Fault.Answer(500, "bind: address already in use"));
    provider.configure(order);
    provider.start(order);
    assertTrue(order.handle().path("port").asInt() != taken);
    assertTrue(health().answers());
  }

  @Test
  void afterTheMachinesRestartTheNetworkIsMadeAnew() throws Exception {
    create();
    engine.endAll();
    assertFalse(provider.started(order.handle()));
    provider.start(order);
    assertTrue(health().answers());
  }

  @Test
  void whoeverLostTheRightMakesNothing() throws Exception {
    order.stands = false;
    assertThrows(Fenced.class, () -> provider.provision(order));
    assertEquals(List.of(), engine.left());
    order.stands = true;
    create();
    order.stands = false;
    assertThrows(Fenced.class, () -> provider.destroy(order));
    assertTrue(engine.running(engine.container("-agent")));
  }

  @Test
  void anEngineThatFailsIsTheStepsFailure() throws Exception {
    provider.provision(order);
    provider.configure(order);
    engine.fault("POST /containers/create", new FakeEngine.Fault.Answer(400, "bad /etc/passwd"));
    ProviderException e = assertThrows(ProviderException.class, () -> provider.start(order));
    assertEquals("engine", e.code());
    assertFalse(e.retryable() || e.text().contains("/etc"));
    engine.fault("POST /containers/", new FakeEngine.Fault.Cut());
    assertTrue(assertThrows(ProviderException.class, () -> provider.start(order)).retryable());
    provider.start(order);
    assertTrue(health().answers());
  }

  @Test
  void skillsAreExactlyTheChosenAndEditedOnesStay() throws Exception {
    order.skills = List.of("git", "sql");
    create();
    String git = Specs.HOME + "/workspace/skills/git/SKILL.md 10001 644";
    assertEquals("skill git", engine.files.get(git));
    engine.files.put(git, "my own words");
    order.skills = List.of("python");
    provider.configure(order);
    assertEquals("my own words", engine.files.get(git));
    JsonNode chore = engine.desks.getLast();
    assertEquals("sql", chore.path("Cmd").path(chore.path("Cmd").size() - 1).asText());
  }

  private void create() throws InterruptedException {
    provider.provision(order);
    provider.allocate(order);
    provider.configure(order);
    provider.start(order);
  }

  private void update(String version) throws InterruptedException {
    order.release = Optional.of(release(version, folder()).id());
    provider.allocate(order);
    provider.configure(order);
    provider.start(order);
  }

  private Health health() {
    return provider.health(order.handle());
  }

  private long configVolumes() {
    return engine.left().stream().filter(name -> name.contains("-config-")).count();
  }

  private Path folder() {
    return Objects.requireNonNull(first.folder().getParent());
  }

  private Release release(String version, Path folder) {
    Release made =
        folder.startsWith("/nowhere")
            ? new Release(
                Manifest.of(
                    version,
                    "linux-x86_64",
                    List.of(new Manifest.Entry("a", 1, 0644, "ab".repeat(32)))),
                "",
                0,
                "",
                folder)
            : StandInRelease.make(folder, version);
    releases.put(made.id(), made);
    return made;
  }

  private ContainerProvider provider(Path folder, UUID installation) {
    EnvReader env =
        new EnvReader(
            Map.of("CONTAINER_HOST", "unix://" + engine.socket(), "CONTAINER_BASE", "debian:12"));
    return new ContainerProvider(
        new ContainerContext(
            ContainerSettings.read(env),
            folder,
            installation,
            "this-machine",
            new ModelAccess(Map.of("LIBERTAI_API_KEY", KEY)),
            _ -> Optional.empty(),
            id -> Optional.of("skill " + id),
            id -> Objects.requireNonNull(releases.get(id.orElse(first.id())))));
  }
}
