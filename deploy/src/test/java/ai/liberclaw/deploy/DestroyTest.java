package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.testkit.process.Processes;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class DestroyTest {
  private static final int FAILURES = 7;

  @Test
  void c20AFailedDestroyIsTriedUntilNothingIsLeft(
      Platform platform, @TempDir Path data, @TempDir Path releases) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (TestPlane plane =
        new TestPlane(
            platform.database(),
            data,
            StandInAgent.release(releases),
            recipe -> recipe,
            provider -> failing(provider, calls),
            Clock.systemUTC())) {
      UUID owner = TestPlane.user(plane.database, "guest");
      UUID agent = plane.agents.create(owner, TestPlane.draft("Ada")).id();
      plane.awaitStatus(owner, agent, "running");
      assertTrue(plane.agents.delete(owner, agent));
      assertEquals(
          List.of(), plane.agents.list(owner, Instant.now()), "the owner is rid of it at once");
      TestPlane.await(Duration.ofSeconds(30), () -> plane.rows() == 0);
      assertEquals(FAILURES + 1, calls.get());
      assertEquals(List.of(), Processes.mentioning(plane.directory(agent).toString()));
    }
  }

  /** More failures than other kinds of work are given. */
  private static Provider failing(Provider provider, AtomicInteger calls) {
    return (Provider)
        Proxy.newProxyInstance(
            DestroyTest.class.getClassLoader(),
            new Class<?>[] {Provider.class},
            (_, method, arguments) -> {
              if (method.getName().equals("destroy") && calls.incrementAndGet() <= FAILURES) {
                throw new ProviderException("not_now", "Not now.", true, null);
              }
              try {
                return method.invoke(provider, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
