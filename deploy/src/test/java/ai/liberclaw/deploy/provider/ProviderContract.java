package ai.liberclaw.deploy.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.ProcessWatch;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@link Provider} promises, asked of a real one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(PlatformExtension.class)
public abstract class ProviderContract {
  private static final Duration START_TIME_MAX = Duration.ofSeconds(30);
  private static final Duration END_TIME_MAX = Duration.ofSeconds(20);
  private static final Duration STEP_TIME_MAX = Duration.ofMinutes(30);
  private static final String MIND = "Keep it to yourself: 4711.";

  private final List<RowOrder> made = new ArrayList<>();
  private PlatformDatabase database;
  private ProviderUnderTest world;
  private Provider provider;
  private ProcessWatch processes;

  @SuppressWarnings("NullAway.Init")
  protected ProviderContract() {}

  /**
   * Makes the provider.
   *
   * @param directory for its files, removed after the last test
   */
  protected abstract ProviderUnderTest world(PlatformDatabase database, Path directory)
      throws Exception;

  @BeforeAll
  void open(Platform platform, @TempDir Path directory) throws Exception {
    database = platform.database();
    world = world(database, directory);
    provider = world.provider();
    processes = ProcessWatch.start();
  }

  @AfterAll
  void close() throws InterruptedException {
    processes.close();
    world.close();
  }

  @BeforeEach
  void reset() {
    world.reset();
  }

  /** Also of what a test left undone by failing. */
  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    for (RowOrder order : made) {
      order.fence(false);
      if (InstanceStore.find(database.dsl(), order.instanceId()).isPresent()) {
        provider.destroy(order);
      }
      assertEquals(List.of(), world.left(order.agentId()));
      assertEquals(0, world.running(order.agentId()));
    }
    made.clear();
    nothingSecretWasSeen();
  }

  private void nothingSecretWasSeen() {
    for (String seen : processes.mentioning(ProviderUnderTest.KEY)) {
      String without = seen.replaceFirst("[A-Z_]+=" + ProviderUnderTest.KEY, "");
      assertTrue(
          world.keyInEnvironment() && !without.contains(ProviderUnderTest.KEY),
          "a key in a process list");
    }
    assertEquals(List.of(), processes.mentioning(MIND));
    assertEquals(List.of(), processes.mentioning("PRIVATE KEY"));
    assertEquals(
        List.of(), processes.mentioning(base64(MIND)).stream().filter(this::isForeign).toList());
  }

  /** Whether it is not the agent's own environment that holds it. */
  private boolean isForeign(String process) {
    return !world.keyInEnvironment() || !process.contains("SYSTEM_PROMPT_B64=" + base64(MIND));
  }

  @Test
  void everyStepMayBeRepeated() throws Exception {
    for (StepKey step : StepKey.values()) {
      Duration limit = provider.limit(step);
      assertTrue(limit.isPositive() && limit.compareTo(STEP_TIME_MAX) <= 0, step.key());
    }
    RowOrder order = order(world.release("v1"));
    provider.provision(order);
    ObjectNode place = order.handle();
    provider.provision(order);
    assertEquals(place, order.handle(), "asked again, it is the same place");
    twice(() -> provider.allocate(order));
    twice(() -> provider.reach(order));
    twice(() -> provider.prepare(order));
    assertFalse(provider.started(order.handle()));
    twice(() -> provider.configure(order));
    assertFalse(provider.started(order.handle()), "configuring starts nothing");
    assertFalse(provider.health(order.handle()).answers());

    provider.start(order);
    Health first = healthy(order, "v1");
    Optional<Endpoint> endpoint = provider.endpoint(order.handle());
    assertTrue(endpoint.isPresent());
    provider.start(order);
    Health again = healthy(order, "v1");
    assertEquals(1, world.running(order.agentId()), "there is never a second");
    assertEquals(endpoint, provider.endpoint(order.handle()));
    assertEquals(again.bootId(), provider.health(order.handle()).bootId());
    assertEquals(first.bootId().equals(again.bootId()) ? 1 : 2, starts(order).size());

    Await.until(
        "its log is there",
        START_TIME_MAX,
        () -> provider.logs(order.row(), 50).contains("listening as v1"));
    assertEquals(1, provider.logs(order.row(), 1).size());

    // There is nothing to let go of, or to go back to.
    twice(() -> provider.settle(order));
    assertFalse(provider.revert(order));
    stands(order, again);

    twice(() -> provider.stop(order));
    assertFalse(provider.started(order.handle()));
    assertEquals(0, world.running(order.agentId()));
    provider.start(order);
    healthy(order, "v1");
    assertEquals(1, world.running(order.agentId()));

    assertEquals(1, provider.inventory().size());
    twice(() -> provider.destroy(order));
    assertEquals(List.of(), provider.inventory());
    assertEquals(List.of(), world.left(order.agentId()));
  }

  @Test
  void anUpdateKeepsDataAndABrokenOneGoesBack() throws Exception {
    String one = world.release("v1");
    RowOrder order = order(one);
    run(order);
    Health first = healthy(order, "v1");
    world.inside(order.row(), "echo mine > \"$DATA/workspace/note\"");

    String two = world.release("v2");
    order.release = Optional.of(two);
    order.prompt = "Second. " + MIND;
    order.skills = List.of("sql");
    provider.settle(order);
    provider.allocate(order);
    provider.configure(order);
    assertEquals(first.bootId(), provider.health(order.handle()).bootId(), "it runs as it was");
    provider.start(order);
    Health second = healthy(order, "v2");
    assertNotEquals(first.bootId(), second.bootId());
    twice(() -> provider.settle(order));
    assertEquals(List.of("v1", "v2"), starts(order));
    assertEquals("Second. " + MIND, prompt(order));
    assertEquals("sql", skills(order));
    assertFalse(provider.revert(order), "what is settled stays");
    stands(order, second);

    // A broken one, begun again after a crash, and tried once more.
    String broken = world.release("broken");
    order.release = Optional.of(broken);
    order.prompt = "Third.";
    order.skills = List.of("git", "sql");
    for (int attempt = 0; attempt < 2; attempt++) {
      provider.configure(order);
      provider.start(order);
    }
    Await.until(
        "it is seen to be down",
        END_TIME_MAX,
        () -> !provider.health(order.handle()).answers() || !provider.started(order.handle()));
    world.inside(order.row(), "echo ruined > \"$DATA/agent.db\"");
    assertTrue(provider.revert(order));
    Health back = healthy(order, "v2");
    assertEquals(List.of("v1", "v2", "v2"), starts(order));
    assertEquals("Second. " + MIND, prompt(order));
    assertEquals("mine\n", world.inside(order.row(), "cat \"$DATA/workspace/note\""));
    provider.release(order.handle()).ifPresent(id -> assertEquals(two, id));
    assertTrue(provider.revert(order), "asked again after its answer was lost");
    stands(order, back);
    assertEquals(1, world.running(order.agentId()));
    twice(() -> provider.settle(order));
    stands(order, back);

    // One that never came to its start, and after it one that does.
    order.release = Optional.of(broken);
    provider.configure(order);
    provider.revert(order);
    healthy(order, "v2");
    provider.settle(order);
    String three = world.release("v3");
    order.release = Optional.of(three);
    provider.configure(order);
    provider.start(order);
    healthy(order, "v3");
    assertEquals("Third.", prompt(order));
    assertEquals("git sql", skills(order));
    assertEquals("mine\n", world.inside(order.row(), "cat \"$DATA/workspace/note\""));
  }

  @Test
  void whateverAnOwnerWritesArrivesAsItIs() throws Exception {
    String hostile =
        "a\nExecStart=/bin/false\r\n'\"$(touch /tmp/lc-evil)`touch /tmp/lc-evil`"
            + "\\\t%n%s\u2028\uFEFF\u0007🦀 EOF\n.\n";
    RowOrder order = order(world.release("v1"));
    order.name = hostile + "x".repeat(100);
    order.prompt = hostile + "🦀".repeat(32_000);
    order.skills = List.of("git", "sql");
    run(order);
    healthy(order, "v1");
    Map<String, String> variables = world.variables(order.row());
    assertEquals(order.name, variables.get("AGENT_NAME"));
    assertEquals(provider.name(), variables.get("AGENT_RUNTIME"));
    assertEquals(order.prompt, prompt(order));
    assertEquals("git sql", skills(order));
    for (String skill : order.skills) {
      String file = "\"$DATA/workspace/skills/" + skill + "/SKILL.md\"";
      assertEquals(
          ProviderUnderTest.SKILL, decoded(world.inside(order.row(), "base64 -w0 " + file)));
    }
    assertEquals(
        "",
        world.inside(order.row(), "for f in /tmp /root; do ls \"$f\" | grep lc-evil || :; done"));
    assertFalse(Files.exists(Path.of("/tmp/lc-evil")));
  }

  @Test
  void onlyWhatIsOursIsTouchedAndOnlyByAnOrderThatStands() throws Exception {
    RowOrder order = order(world.release("v1"));
    order.fence(true);
    assertThrows(Fenced.class, () -> provider.provision(order));
    assertEquals(List.of(), world.left(order.agentId()));
    order.fence(false);
    run(order);
    Health first = healthy(order, "v1");
    provider.configure(order);
    order.fence(true);
    assertThrows(Fenced.class, () -> provider.configure(order));
    assertThrows(Fenced.class, () -> provider.start(order));
    assertThrows(Fenced.class, () -> provider.settle(order));
    assertThrows(Fenced.class, () -> provider.revert(order));
    assertThrows(Fenced.class, () -> provider.stop(order));
    assertThrows(Fenced.class, () -> provider.destroy(order));
    stands(order, first);
    order.fence(false);

    // Another installation on the same machines: neither sees what the other has, or ends it.
    Provider stranger = world.stranger();
    RowOrder theirs = new RowOrder(database, stranger);
    try {
      stranger.provision(theirs);
      Found ours = only(provider);
      Found other = only(stranger);
      assertNotEquals(ours.externalId(), other.externalId());
      discardAnyhow(stranger, ours);
      discardAnyhow(provider, other);
      stands(order, first);
      assertEquals(1, world.running(order.agentId()));
      assertEquals(other.externalId(), only(stranger).externalId());

      // What nobody owns is found, and ended with all that belongs to it.
      order.disown();
      Found orphan = only(provider);
      assertEquals(ours.externalId(), orphan.externalId());
      twice(() -> provider.discard(orphan));
      assertEquals(List.of(), provider.inventory());
      assertEquals(0, world.running(order.agentId()));
      assertEquals(List.of(), world.left(order.agentId()));
      assertEquals(other.externalId(), only(stranger).externalId());
    } finally {
      stranger.destroy(theirs);
    }
    assertEquals(List.of(), world.left(theirs.agentId()));
  }

  /** Refused, or done without effect. */
  private static void discardAnyhow(Provider provider, Found found) throws InterruptedException {
    try {
      provider.discard(found);
    } catch (ProviderException e) {
      assertFalse(e.retryable(), e.code());
    }
  }

  private interface Step {
    void take() throws InterruptedException;
  }

  private static void twice(Step step) throws InterruptedException {
    step.take();
    step.take();
  }

  private RowOrder order(String release) {
    RowOrder order = new RowOrder(database, provider);
    order.prompt = MIND;
    order.release = Optional.of(release);
    made.add(order);
    return order;
  }

  private void run(RowOrder order) throws InterruptedException {
    provider.provision(order);
    provider.allocate(order);
    provider.reach(order);
    provider.configure(order);
    provider.start(order);
  }

  /** Waits for an agent of this version that is not just ending. */
  private Health healthy(RowOrder order, String version) {
    Health health =
        Await.value(
            "the agent answers as " + version,
            START_TIME_MAX,
            () ->
                Optional.of(provider.health(order.handle()))
                    .filter(h -> h.answers() && starts(order).getLast().equals(version))
                    .filter(_ -> provider.started(order.handle())));
    assertTrue(health.bootId().isPresent());
    assertEquals(health.release(), provider.release(order.handle()).or(health::release));
    return health;
  }

  /** The agent runs, and did not end in between. */
  private void stands(RowOrder order, Health before) throws InterruptedException {
    assertEquals(before.bootId(), provider.health(order.handle()).bootId());
    assertTrue(provider.started(order.handle()));
  }

  /** The versions of all starts that the agent's database knows of. */
  private List<String> starts(RowOrder order) {
    return world
        .inside(order.row(), "cat \"$DATA/agent.db\" 2> /dev/null || :")
        .lines()
        .map(line -> line.replace("started by ", ""))
        .toList();
  }

  private String skills(RowOrder order) {
    String listed = world.inside(order.row(), "ls \"$DATA/workspace/skills\"");
    return String.join(" ", Arrays.asList(listed.strip().split("\\s+", -1)));
  }

  private String prompt(RowOrder order) {
    return decoded(world.variables(order.row()).getOrDefault("SYSTEM_PROMPT_B64", ""));
  }

  private static Found only(Provider provider) throws InterruptedException {
    List<Found> all = provider.inventory();
    assertEquals(1, all.size(), all.toString());
    return all.getFirst();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.UTF_8);
  }
}
