package ai.liberclaw.deploy.provider.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.aleph.AlephMessageStore;
import ai.liberclaw.deploy.aleph.AlephMessageStore.Kept;
import ai.liberclaw.deploy.aleph.AlephMessageStore.Status;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.aleph.AlephLab.TestOrder;
import ai.liberclaw.testkit.aleph.ComputeNode;
import ai.liberclaw.testkit.aleph.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ordering, bringing up and giving back, against a network that checks everything itself. */
@ExtendWith(PlatformExtension.class)
final class AlephProviderTest {
  private static final String PUBLISH = "POST /api/v0/messages";
  private static final String NOTIFY = "POST /control/allocation/notify";
  private static final String EXECUTIONS = "GET /v2/about/executions/list";

  @TempDir Path releases;
  private Platform platform;
  private AlephLab lab;

  @BeforeEach
  void open(Platform shared) {
    platform = shared;
    lab = lab(6, Map.of());
  }

  private AlephLab lab(int nodes, Map<String, String> more) {
    if (lab != null) {
      lab.close();
    }
    lab = new AlephLab(platform.database(), releases, nodes, more);
    return lab;
  }

  @AfterEach
  void close() {
    List<String> violations = lab.network.violations();
    lab.close();
    assertEquals(List.of(), violations);
  }

  @Test
  void aMachineIsOrderedOnceComesUpAndIsGivenBack() throws InterruptedException {
    TestOrder order = lab.order();
    lab.provider.provision(order);
    lab.provider.provision(order);
    lab.provider.allocate(order);
    lab.provider.allocate(order);
    assertEquals(1, lab.network.published("INSTANCE").size());
    MachineHandle machine = order.machine();
    assertEquals(Optional.of("127.0.0.1"), machine.host());
    assertTrue(machine.sshPort().isPresent());
    assertFalse(machine.reached());
    assertEquals(List.of(Status.PROCESSED), order.messages().stream().map(Kept::status).toList());

    var content = lab.network.content(machine.hash().orElseThrow());
    assertEquals(
        "liberclaw-" + order.instanceId().toString().substring(0, 8),
        content.path("metadata").path("name").asText());
    assertEquals(lab.installation.toString(), content.path("metadata").path("liberclaw").asText());
    assertFalse(lab.network.everythingPublic().contains("Prompt"));
    assertFalse(lab.network.everythingPublic().contains("PRIVATE KEY"));

    lab.provider.destroy(order);
    lab.provider.destroy(order);
    assertEquals(List.of(), lab.network.billed());
    assertEquals(List.of(), lab.network.machines());
    assertEquals(1, lab.network.published("FORGET").size());
    assertEquals("forgotten", lab.network.status(machine.hash().orElseThrow()));
    assertEquals(List.of(), lab.provider.inventory());
  }

  /** Weakness 1: what costs money is written down before it exists, and sent again as it was. */
  @Test
  void theRowIsThereBeforeTheOrderGoesOut() throws InterruptedException {
    lab.network
        .ccn()
        .server()
        .fault(PUBLISH, new Fault.Reset(), new Fault.AnswerLost(), new Fault.Status(500, "{}"));
    TestOrder order = lab.order();
    for (int i = 0; i < 3; i++) {
      ProviderException e =
          assertThrows(ProviderException.class, () -> lab.provider.provision(order));
      assertTrue(e.retryable(), e.code());
      assertEquals(1, order.messages().size());
      assertEquals(Optional.of(order.messages().getFirst().hash()), order.machine().hash());
    }
    lab.provider.provision(order);
    assertEquals(
        lab.network.published("INSTANCE"), order.messages().stream().map(Kept::hash).toList());
    assertEquals(Set.of(), lab.avoided());
  }

  @Test
  void anOrderThatWasNeverSentIsGivenUpWithoutAsking() throws InterruptedException {
    lab.network.ccn().server().fault("POST /api/v0/price", new Fault.Malformed());
    TestOrder order = lab.order();
    lab.provider.provision(order);
    Kept sent = order.messages().getFirst();
    TestOrder other = lab.order();
    AlephMessageStore.insertInstance(
        lab.database.dsl(), sent.message(), other.instanceId(), sent.nodeHash(), sent.nodeUrl());
    other.fence();
    assertThrows(Fenced.class, () -> lab.provider.provision(other));
    assertEquals(1, lab.network.published("INSTANCE").size(), "a fenced order makes nothing");
  }

  @Test
  void nodesThatCannotAreLeftForOthersAndPaidNothing() throws InterruptedException {
    List<ComputeNode> nodes = lab.network.nodes();
    for (ComputeNode node : nodes.subList(0, 5)) {
      node.failStarts(100);
    }
    TestOrder order = lab.order();
    lab.provider.provision(order);
    boolean done = false;
    try {
      lab.provider.allocate(order);
      done = true;
    } catch (ProviderException e) {
      // The sixth was not among the five that are tried.
      assertEquals("nodes_exhausted", e.code());
      assertFalse(e.retryable());
    }
    int tried = order.messages().size();
    assertTrue(tried <= Ordering.TRIES_MAX);
    assertEquals(done ? 1 : 0, lab.network.billed().size());
    assertEquals(
        tried, new HashSet<>(order.messages().stream().map(Kept::nodeUrl).toList()).size());
    assertEquals(done ? tried - 1 : tried, lab.faults().size());
    lab.faults().values().forEach(code -> assertEquals("full", code));
  }

  @ParameterizedTest
  @CsvSource({"400, refused", "503, full", "500, unclear", "207, unclear"})
  void anAnswerThatMeansNoLeadsToTheNextNode(int status, String code) throws InterruptedException {
    TestOrder order = lab.order();
    lab.provider.provision(order);
    ComputeNode first = lab.network.node(order.messages().getFirst().nodeHash());
    Fault fault = new Fault.Status(status, "{\"error\":\"x\"}");
    first.server().fault(NOTIFY, fault, fault, fault, fault, fault);
    lab.provider.allocate(order);
    assertEquals(2, order.messages().size());
    assertEquals(Map.of(first.origin(), code), lab.faults());
    assertEquals(1, lab.network.billed().size(), "the first is paid no longer");
    assertEquals(1, lab.network.machines().size());
  }

  @Test
  void anUnclearAnswerIsClearedUpByTheNodesList() throws InterruptedException {
    TestOrder order = lab.order();
    lab.provider.provision(order);
    ComputeNode node = lab.network.node(order.messages().getFirst().nodeHash());
    node.server().fault(NOTIFY, new Fault.AnswerLost());
    lab.provider.allocate(order);
    assertEquals(1, order.messages().size());
    assertEquals(Map.of(), lab.faults());
  }

  /** Weakness 28: a node that has not heard of the machine yet is told again. */
  @Test
  void aLaggingNodeIsToldAgain() throws InterruptedException {
    lab.network.nodes().forEach(node -> node.lag(Duration.ofMillis(400)));
    TestOrder order = lab.order();
    lab.provider.provision(order);
    lab.provider.allocate(order);
    assertEquals(1, order.messages().size());
    assertEquals(Map.of(), lab.faults());
  }

  @Test
  void aNodeThatNeverHearsOfItOrNeverShowsItsPortIsLeft() throws InterruptedException {
    TestOrder order = lab.order();
    lab.provider.provision(order);
    ComputeNode first = lab.network.node(order.messages().getFirst().nodeHash());
    first.lag(Duration.ofHours(1));
    lab.provider.allocate(order);
    assertEquals(Map.of(first.origin(), "not_seen"), lab.faults());

    TestOrder next = lab.order();
    lab.provider.provision(next);
    ComputeNode second = lab.network.node(next.messages().getFirst().nodeHash());
    second.sshPort(false);
    lab.provider.allocate(next);
    assertEquals("not_started", lab.faults().get(second.origin()));
  }

  /** Weakness 4: lack of credits is nobody's fault but the account's. */
  @Test
  void lackOfCreditsBlamesNoNode() throws InterruptedException {
    lab.network.credits(AlephLab.ADDRESS, 14_250L * 96 - 1);
    TestOrder order = lab.order();
    assertCode("no_credits", () -> lab.provider.provision(order));
    assertEquals(List.of(), lab.network.published("INSTANCE"), "nothing was ordered");
    assertEquals(Set.of(CreditGuard.ALARM), lab.alarmNames());
    assertTrue(lab.provider.scarce(), "machines that wait are the first to go");

    lab.network.credits(AlephLab.ADDRESS, AlephLab.PLENTY);
    lab.network.rejectNext(
        "INSTANCE",
        6,
        Json.parse("{\"errors\":[{\"required_credits\":\"342000\",\"account_credits\":\"1\"}]}"));
    assertCode("no_credits", () -> lab.provider.provision(order));

    lab.provider.provision(order);
    ComputeNode node = lab.network.node(order.messages().getLast().nodeHash());
    node.server().fault(NOTIFY, new Fault.Status(402, "{\"error\":\"credits\"}"));
    assertCode("no_credits", () -> lab.provider.allocate(order));
    assertEquals(Map.of(), lab.faults());
    lab.provider.destroy(order);
    assertEquals(List.of(), lab.network.billed());
  }

  /** The network's own table wins over the one we know when nobody says what this machine costs. */
  @Test
  void aPriceThatNobodyQuotesIsTheOneTheNetworkPublishes() throws InterruptedException {
    lab.network.unitPrice(20_000);
    lab.network.credits(AlephLab.ADDRESS, 20_000L * 96 - 1);
    lab.network.ccn().server().fault("POST /api/v0/price", new Fault.Malformed());
    assertCode("no_credits", () -> lab.provider.provision(lab.order()));
    assertEquals(List.of(), lab.network.published("INSTANCE"));

    lab.network
        .ccn()
        .server()
        .fault("POST /api/v0/price", new Fault.Malformed())
        .fault("GET /api/v0/aggregates", new Fault.Status(404, "No aggregate found"));
    lab.provider.provision(lab.order());
    assertEquals(1, lab.network.billed().size(), "the network itself was content");
  }

  /** Weakness 29: what never worked is not there any more. */
  @Test
  void neitherTheSchedulerNorTheOldListIsAsked() throws InterruptedException {
    TestOrder order = up();
    assertEquals(List.of(), lab.network.scheduler().requests(""));
    ComputeNode node = lab.network.node(order.messages().getFirst().nodeHash());
    assertEquals(List.of(), node.server().requests("GET /about/executions/list"));
    assertFalse(node.server().requests(EXECUTIONS).isEmpty());
  }

  /** Weakness 31. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anImageChangesOnlyWhereTheOperatorLetsIt(boolean latest) throws InterruptedException {
    AlephProvider provider =
        lab.provider(Map.of("LIBERCLAW_ALEPH_IMAGE_LATEST", Boolean.toString(latest)));
    TestOrder order = lab.order();
    provider.provision(order);
    assertEquals(
        latest,
        lab.network
            .content(order.machine().hash().orElseThrow())
            .at("/rootfs/parent/use_latest")
            .booleanValue());
  }

  /** Weakness 9: what one server learnt of a node, all know, also after a restart. */
  @Test
  void aNodeThatFailedOneServerIsAvoidedByTheNext() throws InterruptedException {
    TestOrder order = lab.order();
    lab.provider.provision(order);
    ComputeNode failing = lab.network.node(order.messages().getFirst().nodeHash());
    failing.failStarts(100);
    lab.provider.allocate(order);
    assertEquals(Set.of(failing.origin()), lab.avoided());
    AlephProvider next = lab.provider(Map.of());
    for (int i = 0; i < 3; i++) {
      TestOrder other = lab.order();
      next.provision(other);
      assertNotEquals(failing.origin(), other.messages().getFirst().nodeUrl());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 202, 302, 303, 304})
  void aRefusedMessageBlamesNoNode(int code) {
    lab.network.rejectNext("INSTANCE", code, Json.object());
    TestOrder order = lab.order();
    ProviderException e =
        assertThrows(ProviderException.class, () -> lab.provider.provision(order));
    assertEquals("rejected_" + code, e.code());
    assertFalse(e.retryable());
    assertEquals(Map.of(), lab.faults());
    assertEquals(Status.REJECTED, order.messages().getFirst().status());
  }

  @Test
  void theLimitsOfSpendingAreNamed() throws InterruptedException {
    TestOrder order = lab(3, Map.of("LIBERCLAW_ALEPH_INSTANCES_MAX", "1")).order();
    lab.provider.provision(order);
    ProviderException e =
        assertThrows(ProviderException.class, () -> lab.provider.provision(lab.order()));
    assertTrue(e.text().contains("LIBERCLAW_ALEPH_INSTANCES_MAX"), e.text());
    lab(3, Map.of("LIBERCLAW_ALEPH_CREDITS_PER_DAY_MAX", "341999"));
    assertTrue(
        assertThrows(ProviderException.class, () -> lab.provider.provision(lab.order()))
            .text()
            .contains("LIBERCLAW_ALEPH_CREDITS_PER_DAY_MAX"));
    assertEquals(List.of(), lab.network.published("INSTANCE"));
  }

  @Test
  void alarmsComeAsTheCreditsGo() throws Exception {
    lab.provider.provision(lab.order());
    for (Map.Entry<Integer, String> step :
        Map.of(100, "", 71, "WARNING", 23, "CRITICAL", 5, "CRITICAL").entrySet()) {
      lab.network.credits(AlephLab.ADDRESS, 14_250L * step.getKey() + 7_000);
      lab.provider.watch();
      assertEquals(
          step.getValue(),
          lab.alarms.open().stream().map(alarm -> alarm.level().name()).findFirst().orElse(""),
          step.getKey() + " hours");
      assertEquals(step.getValue().isEmpty(), lab.alarms.open().isEmpty());
    }
  }

  @Test
  void whatIsReadOnlySignsNothing() throws InterruptedException {
    TestOrder order = lab.order();
    lab.provider.provision(order);
    AlephProvider readOnly = lab.provider(Map.of("LIBERCLAW_ALEPH_READ_ONLY", "true"));
    assertTrue(readOnly.missing().isPresent());
    assertCode("read_only", () -> readOnly.provision(lab.order()));
    assertCode("read_only", () -> readOnly.destroy(order));
    readOnly.allocate(order);
    assertEquals(1, readOnly.inventory().size());
    assertEquals(1, lab.network.billed().size());
  }

  /** Weakness 5: a machine counts as gone when network and node say so, and not before. */
  @Test
  void aMachineThatStaysIsNotTakenForGone() throws InterruptedException {
    TestOrder order = up();
    ComputeNode node = lab.network.node(order.messages().getFirst().nodeHash());
    node.sweepTime(Duration.ofSeconds(5));
    node.server().fault("POST /control/machine", new Fault.Status(500, "{}"));
    ProviderException e = assertThrows(ProviderException.class, () -> lab.provider.destroy(order));
    assertEquals("not_confirmed", e.code());
    assertTrue(e.retryable());
    lab.provider.destroy(order);
    assertEquals(List.of(), lab.network.machines());
    assertEquals(List.of(), lab.provider.inventory());
  }

  /** Nobody waits for a node that may never come back, and it is asked as soon as it does. */
  @Test
  void aSilentNodeIsAskedAgainByTheInventory() throws Exception {
    TestOrder order = up();
    ComputeNode node = lab.network.node(order.messages().getFirst().nodeHash());
    node.sweepTime(Duration.ofHours(1));
    node.server().down();
    lab.provider.destroy(order);
    assertEquals(List.of(), lab.network.billed());
    Found found = lab.provider.inventory().getFirst();
    assertEquals(Optional.empty(), found.instanceId());
    assertCode("not_confirmed", () -> lab.provider.discard(found));
    node.server().up();
    lab.provider.discard(found);
    assertEquals(List.of(), lab.network.machines());
    assertTrue(node.erased().contains(found.externalId()), "its disks too");
    assertEquals(List.of(), lab.provider.inventory());
  }

  /** Weakness 6: ours by the installation's id alone, whatever else the wallet pays for. */
  @Test
  void theInventoryHoldsOursAndNobodyElses() throws InterruptedException {
    TestOrder order = up();
    lab.database.dsl().execute("update installation set id = gen_random_uuid()");
    AlephLab other = lab;
    AlephProvider stranger =
        new AlephLab(platform.database(), releases, other.network, AlephLab.QUICK, Map.of())
            .provider;
    assertEquals(List.of(), stranger.inventory(), "another installation's are not ours");
    Found found = lab.provider.inventory().getFirst();
    assertThrows(ProviderException.class, () -> stranger.discard(found));
    assertEquals(order.machine().hash(), Optional.of(found.externalId()));
    assertEquals(1, lab.network.billed().size());

    // The lab's tables were emptied in between, as after a restore: it is ours, and nobody owns it.
    assertEquals(Optional.empty(), found.instanceId());
    lab.provider.discard(found);
    lab.provider.discard(found);
    assertEquals(List.of(), lab.network.billed());
    assertEquals(List.of(), lab.network.machines());
  }

  @Test
  void whatWasExchangedIsNobodysAndWhatIsOwnedIsNotDiscarded() throws InterruptedException {
    TestOrder order = up();
    Found owned = lab.provider.inventory().getFirst();
    assertEquals(Optional.of(order.instanceId()), owned.instanceId());
    assertCode("owned", () -> lab.provider.discard(owned));
    assertEquals(1, lab.network.billed().size());
    MachineStore.ordered(lab.database.dsl(), order.instanceId(), "f".repeat(64));
    Found exchanged = lab.provider.inventory().getFirst();
    assertEquals(Optional.empty(), exchanged.instanceId());
    lab.provider.discard(exchanged);
    assertEquals(List.of(), lab.network.billed());
  }

  @Test
  void aMachineThatWasLoggedInToIsNeverExchanged() throws InterruptedException {
    TestOrder order = up();
    order.record(order.machine().loggedIn().json());
    ComputeNode node = lab.network.node(order.messages().getFirst().nodeHash());
    Fault gone = new Fault.Status(500, "{}");
    Fault[] faults = new Fault[40];
    Arrays.fill(faults, gone);
    node.server().fault(EXECUTIONS, faults);
    node.server().fault(NOTIFY, faults);
    lab.provider.allocate(order);
    assertEquals(1, order.messages().size());
    node.server().heal();
    assertEquals(Map.of(), lab.faults());

    AlephMessageStore.moveTo(
        lab.database.dsl(),
        order.machine().hash().orElseThrow(),
        Status.FORGOTTEN,
        Optional.empty());
    assertCode("machine_gone", () -> lab.provider.allocate(order));
    assertEquals(1, order.messages().size());
  }

  @Test
  void mirrorsHelpEachOther() throws InterruptedException {
    var mirror = lab.network.addMirror(Duration.ofMillis(500));
    AlephProvider both =
        lab.provider(
            Map.of("LIBERCLAW_ALEPH_API_URLS", mirror.origin() + "," + lab.network.ccn().origin()));
    mirror.server().fault(PUBLISH, new Fault.Status(500, "{}"));
    TestOrder order = lab.order();
    both.provision(order);
    both.allocate(order);
    both.destroy(order);
    assertEquals(List.of(), lab.network.billed());
  }

  @Test
  void nodesOfTheListAreOnlyAskedWhereTheyMayBe() {
    lab(1, Map.of("LIBERCLAW_ALEPH_PRIVATE_HOSTS", "10.9.8.7"));
    TestOrder order = lab.order();
    assertCode("no_node", () -> lab.provider.provision(order));
    assertEquals(Set.of("unreachable"), new HashSet<>(lab.faults().values()));
    assertEquals(List.of(), lab.network.nodes().getFirst().server().requests(""));
  }

  private TestOrder up() throws InterruptedException {
    TestOrder order = lab.order();
    lab.provider.provision(order);
    lab.provider.allocate(order);
    return order;
  }

  private static void assertCode(String code, Executable call) {
    assertEquals(code, assertThrows(ProviderException.class, call).code());
  }
}
