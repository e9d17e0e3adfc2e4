package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.host.PerlRelease;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.deploy.provider.Shell;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.host.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Agents in a real Podman, of two installations. */
final class ContainerUnderTest implements ProviderUnderTest {
  private final Path directory;
  private final UUID installation;
  private final UUID other = UUID.randomUUID();
  private final Map<String, Release> releases = new ConcurrentHashMap<>();
  private final Engine engine;
  private final ContainerProvider provider;
  private final ContainerProvider stranger;
  private volatile String current = "";

  ContainerUnderTest(Path directory, UUID installation) throws IOException {
    this.directory = Files.createDirectories(directory.resolve("store"));
    this.installation = installation;
    this.engine = Engine.start();
    this.provider = provider(installation);
    this.stranger = provider(other);
  }

  private ContainerProvider provider(UUID whose) {
    EnvReader env =
        new EnvReader(
            Map.of(
                "CONTAINER_HOST",
                "unix://" + engine.socket(),
                "CONTAINER_BASE",
                engine.debianImage(),
                "LIBERCLAW_CONTAINER_ULIMITS",
                "core=0:0,nofile=1024:10000,nproc=1000:10000"));
    return new ContainerProvider(
        new ContainerContext(
            ContainerSettings.read(env),
            directory.resolve(whose.toString()),
            whose,
            "this-machine",
            new ModelAccess(Map.of("MODEL_PROVIDER", "offline", "LIBERTAI_API_KEY", KEY)),
            _ -> Optional.empty(),
            _ -> Optional.of(SKILL),
            id -> Objects.requireNonNull(releases.get(id.orElse(current)))));
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
    try {
      Optional<Release> known =
          releases.values().stream().filter(r -> r.version().equals(version)).findFirst();
      Release release = known.isPresent() ? known.get() : PerlRelease.make(directory, version);
      releases.put(release.id(), release);
      current = release.id();
      return release.id();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Map<String, String> variables(Instance instance) {
    int serial = instance.handle().path("current").path("serial").asInt();
    Path file = volume(names(instance).config(serial)).resolve("config.json");
    try {
      Map<String, String> variables = new HashMap<>();
      Json.parse(Files.readAllBytes(file))
          .properties()
          .forEach(variable -> variables.put(variable.getKey(), variable.getValue().asText()));
      return variables;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** By its volume on this machine's disk: the agent's container may just be ending. */
  @Override
  public String inside(Instance instance, String script) {
    return Shell.run(volume(names(instance).data()).resolve("agent"), script);
  }

  @Override
  public int running(UUID agentId) {
    return engine
        .podman("ps", "-q", "--filter", mark(agentId), "--filter", "label=" + Names.ROLE + "=agent")
        .lines()
        .toList()
        .size();
  }

  @Override
  public List<String> left(UUID agentId) {
    List<String> left = new ArrayList<>();
    engine.podman("ps", "-aq", "--filter", mark(agentId)).lines().forEach(left::add);
    engine.podman("volume", "ls", "-q", "--filter", mark(agentId)).lines().forEach(left::add);
    engine.podman("network", "ls", "-q", "--filter", mark(agentId)).lines().forEach(left::add);
    return left;
  }

  @Override
  public void close() {
    engine.sweep(Names.ours(installation));
    engine.sweep(Names.ours(other));
    for (String release : releases.keySet()) {
      engine.tryPodman("rmi", "-f", AgentImages.name(release));
    }
    engine.close();
  }

  private static String mark(UUID agentId) {
    return "label=" + Names.AGENT + "=" + agentId;
  }

  private Names names(Instance instance) {
    return new Names(installation, instance.id());
  }

  private Path volume(String name) {
    return Path.of(engine.podman("volume", "inspect", "-f", "{{.Mountpoint}}", name));
  }
}
