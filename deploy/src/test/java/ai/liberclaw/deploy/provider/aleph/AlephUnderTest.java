package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.host.AgentsOfHost;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.testkit.aleph.AlephNetwork;
import ai.liberclaw.testkit.aleph.ComputeNode;
import ai.liberclaw.testkit.aleph.Machines;
import ai.liberclaw.testkit.aleph.Vm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** Agents of two installations with one wallet, on machines of a network that are real Debians. */
final class AlephUnderTest implements ProviderUnderTest {
  private static final int NODES = 3;

  private final Path directory;
  private final Map<String, String> made = new HashMap<>();
  private final AlephLab lab;
  private final AlephProvider provider;
  private final AlephProvider stranger;

  AlephUnderTest(PlatformDatabase database, Path directory) throws IOException {
    this.directory = directory;
    lab =
        new AlephLab(
            database,
            Files.createDirectories(directory.resolve("store")),
            AlephNetwork.start(Machines.debian(), NODES),
            AlephLab.REAL,
            Map.of());
    provider = provider(lab.installation);
    stranger = provider(UUID.randomUUID());
  }

  private AlephProvider provider(UUID installation) {
    return lab.provider(
        installation, Map.of("MODEL_PROVIDER", "offline", "LIBERTAI_API_KEY", KEY), _ -> SKILL);
  }

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public Provider stranger() {
    return stranger;
  }

  @Override
  public void reset() {}

  @Override
  public String release(String version) {
    String id =
        made.computeIfAbsent(
            version,
            _ -> {
              try {
                return lab.release(directory, version).id();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    lab.releases.makeCurrent(id);
    return id;
  }

  @Override
  public Map<String, String> variables(Instance instance) {
    return machine(instance).variables(instance.agentId());
  }

  @Override
  public String inside(Instance instance, String script) {
    return machine(instance).inside(instance.agentId(), script);
  }

  @Override
  public int running(UUID agentId) {
    return machines().mapToInt(machine -> machine.running(agentId)).sum();
  }

  /** What it has on the machines there are, and machines that nobody has any more. */
  @Override
  public List<String> left(UUID agentId) {
    List<String> kept =
        lab.database.dsl().fetch("select external_id from instances").stream()
            .map(row -> String.valueOf(row.get(0)))
            .toList();
    Stream<String> unowned =
        Stream.concat(lab.network.machines().stream(), lab.network.billed().stream())
            .filter(hash -> !kept.contains(hash));
    return Stream.concat(unowned, machines().flatMap(machine -> machine.left(agentId).stream()))
        .toList();
  }

  @Override
  public void close() {
    List<String> violations = lab.network.violations();
    lab.close();
    if (!violations.isEmpty()) {
      throw new AssertionError("against the network's rules: " + violations);
    }
  }

  private AgentsOfHost machine(Instance instance) {
    String hash = instance.handle().path("hash").asText();
    return lab.network.nodes().stream()
        .flatMap(node -> node.vm(hash).stream())
        .map(AlephUnderTest::seen)
        .findFirst()
        .orElseThrow();
  }

  private Stream<AgentsOfHost> machines() {
    return lab.network.nodes().stream()
        .map(ComputeNode::vms)
        .flatMap(List::stream)
        .map(AlephUnderTest::seen);
  }

  private static AgentsOfHost seen(Vm vm) {
    return new AgentsOfHost(vm.machine().host().orElseThrow());
  }
}
