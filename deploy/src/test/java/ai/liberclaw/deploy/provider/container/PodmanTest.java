package ai.liberclaw.deploy.provider.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.Engine;
import ai.liberclaw.testkit.host.OnHosts;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of an agent's container in a real Podman. */
@OnHosts
class PodmanTest {
  private static final String KEY = "sk-test-model-key-0123456789";

  private final UUID installation = UUID.randomUUID();
  private final TestOrder order = new TestOrder();
  private final Map<String, Release> releases = new TreeMap<>();

  @Test
  void anAgentLivesInAContainer(@TempDir Path folder) throws Exception {
    Release one = StandInRelease.make(folder, "one");
    Release two = StandInRelease.make(folder, "two");
    Release broken = StandInRelease.make(folder, "broken");
    for (Release release : List.of(one, two, broken)) {
      releases.put(release.id(), release);
    }
    order.release = Optional.of(one.id());
    try (Engine engine = Engine.start()) {
      ContainerProvider provider = provider(engine, folder);
      try {
        // A fresh Podman takes its time for its first answer.
        Await.until(
            "nothing is missing", Duration.ofSeconds(40), () -> provider.missing().isEmpty());
        life(engine, provider, two, broken);
      } finally {
        engine.sweep(Names.ours(installation));
        for (Release release : releases.values()) {
          engine.tryPodman("rmi", "-f", AgentImages.name(release.id()));
        }
      }
    }
  }

  private void life(Engine engine, ContainerProvider provider, Release two, Release broken)
      throws Exception {
    long from = System.nanoTime();
    provider.provision(order);
    provider.allocate(order);
    provider.configure(order);
    provider.start(order);
    awaitHealthy(provider, "one");
    System.err.printf(
        "container: created and healthy in %d ms%n", (System.nanoTime() - from) / 1_000_000);

    // No rights, nothing to write to but its data, and a configuration that is its own.
    String seen = inside("id -u; grep -E 'CapBnd|NoNewPrivs' /proc/self/status; umask");
    assertTrue(seen.startsWith("10001\n"), seen);
    assertTrue(seen.contains("CapBnd:\t0000000000000000"), seen);
    assertTrue(seen.contains("NoNewPrivs:\t1"), seen);
    assertTrue(inside("touch /x /etc/liberclaw/x 2>&1; echo done").contains("Read-only"));
    assertEquals("600 10001\n", inside("stat -c '%a %u' /etc/liberclaw/config.json"));
    assertEquals("skill git", inside("cat /var/lib/liberclaw/agent/workspace/skills/git/SKILL.md"));
    assertFalse(inside("env; cat /proc/1/environ").contains(KEY));
    assertFalse(engine.podman("inspect", names().agent(), names().holder()).contains(KEY));

    // Its network: name servers at most, not this machine, its neighbours, or cloud metadata.
    String gateway =
        engine
            .podman(
                "network",
                "inspect",
                "--format",
                "{{(index .Subnets 0).Gateway}}",
                names().network())
            .strip();
    for (String address : List.of(gateway + ":22", "169.254.169.254:80", "10.0.0.1:80")) {
      String answer =
          inside("curl -sS -m 4 -o /dev/null telnet://" + address + " </dev/null; echo $?");
      assertTrue(answer.contains("connect"), address + " " + answer);
      assertTrue(answer.endsWith("7\n"), address + " " + answer);
    }

    // An update keeps data; a broken one goes back to release, settings and database.
    update(provider, two);
    awaitHealthy(provider, "two");
    provider.settle(order);
    assertEquals("one\ntwo\n", inside("cat /var/lib/liberclaw/agent/agent.db"));
    order.prompt = "Broken.";
    order.skills = List.of();
    update(provider, broken);
    assertFalse(provider.health(order.handle()).answers());
    assertTrue(provider.revert(order));
    awaitHealthy(provider, "two");
    assertEquals("one\ntwo\ntwo\n", inside("cat /var/lib/liberclaw/agent/agent.db"));
    assertEquals("0\n", inside("ls -d /var/lib/liberclaw/agent/.aside-* 2>/dev/null | wc -l"));
    assertEquals("", inside("ls /var/lib/liberclaw/agent/workspace/skills"));

    // As after a restart of the machine.
    engine.podman("stop", "-t", "1", names().agent());
    engine.podman("stop", "-t", "1", names().holder());
    assertFalse(provider.started(order.handle()));
    provider.start(order);
    awaitHealthy(provider, "two");

    assertEquals(1, provider.inventory().size());
    provider.destroy(order);
    provider.destroy(order);
    assertEquals(List.of(), provider.inventory());
    assertEquals("", engine.podman("ps", "-aq", "--filter", "label=" + Names.ours(installation)));
    assertEquals(
        "", engine.podman("volume", "ls", "-q", "--filter", "label=" + Names.ours(installation)));
  }

  private void update(ContainerProvider provider, Release release) throws InterruptedException {
    order.release = Optional.of(release.id());
    provider.allocate(order);
    provider.configure(order);
    provider.start(order);
  }

  private void awaitHealthy(ContainerProvider provider, String version) {
    Await.until(
        "the agent answers as " + version,
        Duration.ofSeconds(20),
        () -> {
          Health health = provider.health(order.handle());
          return health.answers()
              && health.release().equals(Optional.of(version))
              && provider.started(order.handle());
        });
  }

  /** Runs a command as the agent would. */
  private String inside(String command) throws IOException {
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/run?%s"
                .formatted(
                    order.handle().path("port").asInt(),
                    URLEncoder.encode(command, StandardCharsets.UTF_8).replace("+", "%20")));
    try (InputStream in = uri.toURL().openConnection(Proxy.NO_PROXY).getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Names names() {
    return new Names(installation, order.instance);
  }

  private ContainerProvider provider(Engine engine, Path folder) {
    EnvReader env =
        new EnvReader(
            Map.of(
                "CONTAINER_HOST",
                "unix://" + engine.socket(),
                "CONTAINER_BASE",
                engine.debianImage(),
                // Where the kernel's own limits are low, higher ones are refused.
                "LIBERCLAW_CONTAINER_ULIMITS",
                "core=0:0,nofile=1024:10000,nproc=1000:10000"));
    return new ContainerProvider(
        new ContainerContext(
            ContainerSettings.read(env),
            folder,
            installation,
            "this-machine",
            new ModelAccess(Map.of("LIBERTAI_API_KEY", KEY)),
            id -> Optional.of("skill " + id),
            id -> Objects.requireNonNull(releases.get(id.or(() -> order.release).orElseThrow()))));
  }
}
