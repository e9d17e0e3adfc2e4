package ai.liberclaw.deploy;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A provider whose machines are directories that all servers of a test see, named by their
 * instance. What was ever configured on which machine stays in a ledger after it is destroyed.
 */
public final class Cloud implements Provider {
  /** One that the schema knows. */
  static final String NAME = "aleph";

  private final Path machines;
  private final Path ledger;
  private final UUID installation;

  /** Machines cannot be made. */
  volatile boolean broken;

  /** Agents cannot be started. */
  volatile boolean mute;

  /** Money runs out. */
  volatile boolean scarce;

  /** How long a machine takes to be made. */
  volatile Duration slowness = Duration.ZERO;

  final AtomicInteger asked = new AtomicInteger();

  Cloud(Path root, UUID installation) {
    try {
      this.machines = Files.createDirectories(root.resolve("machines"));
      this.ledger = Files.createDirectories(root.resolve("ledger"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.installation = installation;
  }

  /** Ids of the agents that were ever configured there. */
  Set<String> agentsEver(String machine) throws IOException {
    Path file = ledger.resolve(machine);
    return Files.exists(file) ? Set.copyOf(Files.readAllLines(file)) : Set.of();
  }

  List<String> everUsed() throws IOException {
    return names(ledger);
  }

  List<String> machines() throws IOException {
    return names(machines);
  }

  Path machine(String name) {
    return machines.resolve(name);
  }

  /** Something that was made without anybody's knowledge. */
  void leak(String name, UUID owner) throws IOException {
    Files.writeString(
        Files.createDirectories(machine(name)).resolve("installation"), owner.toString());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public Set<StepKey> idleSteps() {
    return EnumSet.noneOf(StepKey.class);
  }

  @Override
  public boolean poolable() {
    return true;
  }

  @Override
  public boolean scarce() {
    return scarce;
  }

  @Override
  public void provision(Order order) throws InterruptedException {
    asked.incrementAndGet();
    String name = order.instanceId().toString();
    order.record(Json.object().put("machine", name));
    if (broken) {
      throw new ProviderException("no_node", "No node wants it.", true, null);
    }
    try {
      leak(name, installation);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void allocate(Order order) throws InterruptedException {
    Thread.sleep(slowness);
  }

  @Override
  public void reach(Order order) {
    if (!Files.exists(place(order)) || Files.exists(place(order).resolve("unfit"))) {
      throw new ProviderException("no_login", "It does not answer.", true, null);
    }
  }

  @Override
  public void configure(Order order) {
    order.check();
    write(ledger.resolve(order.instanceId().toString()), order.agentId() + "\n");
    write(place(order).resolve("agent"), order.agentId().toString());
  }

  @Override
  public void start(Order order) {
    order.check();
    if (mute) {
      throw new ProviderException("no_start", "It does not start.", false, null);
    }
    write(place(order).resolve("boot"), UUID.randomUUID() + "\n");
  }

  @Override
  public boolean started(ObjectNode handle) {
    return Files.exists(machine(handle.path("machine").asText()).resolve("boot"));
  }

  @Override
  public Optional<Endpoint> endpoint(ObjectNode handle) {
    return handle.has("machine")
        ? Optional.of(
            new Endpoint.Public(
                URI.create("https://" + handle.path("machine").asText() + ".example")))
        : Optional.empty();
  }

  @Override
  public Health health(ObjectNode handle) {
    try {
      List<String> boots =
          Files.readAllLines(machine(handle.path("machine").asText()).resolve("boot"));
      return new Health(true, Optional.of(boots.getLast()), Optional.empty(), Optional.of(2));
    } catch (IOException _) {
      return Health.silent();
    }
  }

  @Override
  public void stop(Order order) {}

  @Override
  public void destroy(Order order) {
    order.check();
    delete(machine(order.instanceId().toString()));
  }

  @Override
  public List<Found> inventory() {
    try {
      return machines().stream()
          .filter(this::ours)
          .map(name ->
              new Found(
                  name,
                  Optional.of(name).filter(n -> n.length() == 36).map(UUID::fromString),
                  Json.object().put("machine", name),
                  Optional.of(Instant.now().minusSeconds(3600))))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void discard(Found found) {
    delete(machine(found.externalId()));
  }

  private boolean ours(String name) {
    try {
      return Files.readString(machine(name).resolve("installation"))
          .equals(installation.toString());
    } catch (IOException _) {
      return false;
    }
  }

  private Path place(Order order) {
    return machine(order.handle().path("machine").asText());
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new ProviderException("gone", "The machine is gone.", true, e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.exists(directory) ? Files.list(directory) : Stream.of()) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new ProviderException("not_deleted", "It is still there.", true, e);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
