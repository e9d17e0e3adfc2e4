package ai.liberclaw.deploy.provider.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.engine.FakeEngine;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.await.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class ContainerKeeperTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration TICK = Duration.ofMillis(50);

  @Test
  void whatShouldRunIsStartedAgainAndWhatShouldNotIsLeft(Platform platform, @TempDir Path folder)
      throws Exception {
    PlatformDatabase database = platform.database();
    Release release = StandInRelease.make(folder, "1");
    try (FakeEngine engine = new FakeEngine()) {
      ContainerProvider provider = provider(engine, folder, release);
      TestOrder kept = placed(database, provider, InstanceState.RUNNING);
      TestOrder stopped = placed(database, provider, InstanceState.FAILED);
      engine.endAll();
      try (ContainerKeeper keeper = new ContainerKeeper(database, provider, TICK).start()) {
        Await.until(
            "the agent answers", LIMIT, () -> provider.health(handle(database, kept)).answers());
        assertTrue(keeper.ready());
        assertEquals(3, engine.starts.get(), "two at first, and one again");
        assertEquals(false, provider.started(stopped.handle()));
      }
      assertTrue(provider.started(handle(database, kept)), "it goes on without the keeper");
    }
  }

  @Test
  void whatCannotBeStartedIsShownAsSuchUntilItRuns(Platform platform, @TempDir Path folder)
      throws Exception {
    PlatformDatabase database = platform.database();
    try (FakeEngine engine = new FakeEngine()) {
      ContainerProvider provider = provider(engine, folder, StandInRelease.make(folder, "1"));
      TestOrder kept = placed(database, provider, InstanceState.DEGRADED);
      try (ContainerKeeper _ = new ContainerKeeper(database, provider, TICK).start()) {
        Await.until(
            "it is shown as running",
            LIMIT,
            () ->
                InstanceStore.find(database.dsl(), kept.instance).orElseThrow().state()
                    == InstanceState.RUNNING);
      }
    }
  }

  private static com.fasterxml.jackson.databind.node.ObjectNode handle(
      PlatformDatabase database, TestOrder order) {
    return InstanceStore.find(database.dsl(), order.instance).orElseThrow().handle();
  }

  private static TestOrder placed(
      PlatformDatabase database, ContainerProvider provider, InstanceState state)
      throws InterruptedException {
    TestOrder order = new TestOrder();
    provider.provision(order);
    provider.configure(order);
    provider.start(order);
    InstanceStore.insert(database.dsl(), order.instance, order.agent, ContainerProvider.NAME, 1);
    InstanceStore.record(
        database.dsl(), order.instance, order.handle, provider.endpoint(order.handle));
    InstanceStore.moveTo(database.dsl(), order.instance, state);
    return order;
  }

  private static ContainerProvider provider(FakeEngine engine, Path folder, Release release) {
    EnvReader env =
        new EnvReader(
            Map.of("CONTAINER_HOST", "unix://" + engine.socket(), "CONTAINER_BASE", "debian:12"));
    return new ContainerProvider(
        new ContainerContext(
            ContainerSettings.read(env),
            folder,
            UUID.randomUUID(),
            "this-machine",
            new ModelAccess(Map.of()),
            _ -> Optional.empty(),
            _ -> release));
  }
}
