package ai.liberclaw.api.idtoken;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.TestClock;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.idtoken.IdTokenIssuer;
import ai.liberclaw.testkit.idtoken.KeyFault;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The keys of a provider, over time and when it does not behave. */
class KeySetTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private final TestClock clock = TestClock.at(Instant.parse("2026-06-01T12:00:00Z"));
  private IdTokenIssuer issuer;
  private KeySet keys;

  @BeforeEach
  void start() throws Exception {
    issuer = IdTokenIssuer.start();
    keys = keySet(LONG);
  }

  @AfterEach
  void stop() {
    issuer.close();
  }

  private KeySet keySet(Duration deadline) {
    URI url = URI.create(issuer.url());
    return new KeySet(
        "Google",
        url,
        new GuardedClient(new AddressPolicy(List.of(url.getHost()))),
        new GuardedClient.Limits(deadline, 64 * 1024, 0),
        clock);
  }

  @Test
  void keysAreAskedForOnceAnHour() {
    assertTrue(keys.find("key-1").isPresent());
    clock.advance(Duration.ofMinutes(59));
    assertTrue(keys.find("key-1").isPresent());
    assertEquals(1, issuer.requests());
    clock.advance(Duration.ofMinutes(1));
    assertTrue(keys.find("key-1").isPresent());
    assertEquals(2, issuer.requests());
  }

  @Test
  void anUnknownIdAsksOnceMoreAndAtMostOnceAMinute() {
    assertTrue(keys.find("key-1").isPresent());
    issuer.replaceKeys();
    assertTrue(keys.find("key-2").isPresent(), "added since");
    assertEquals(2, issuer.requests());
    issuer.addKey();
    for (int i = 0; i < 10; i++) {
      assertTrue(keys.find("made-up-" + i).isEmpty());
    }
    assertTrue(keys.find("key-3").isEmpty(), "within the minute");
    assertTrue(keys.find("key-2").isPresent());
    assertEquals(2, issuer.requests());
    clock.advance(Duration.ofMinutes(1));
    assertTrue(keys.find("key-3").isPresent());
    assertEquals(3, issuer.requests());
  }

  @Test
  void keysOfTheLastDayServeWhileTheProviderIsDown() {
    assertTrue(keys.find("key-1").isPresent());
    clock.advance(Duration.ofHours(2));
    issuer.fail(new KeyFault.Status(500));
    assertTrue(keys.find("key-1").isPresent());
    assertEquals(2, issuer.requests());
    assertTrue(keys.find("key-1").isPresent());
    assertEquals(2, issuer.requests(), "not asked again at once");

    clock.advance(Duration.ofHours(22));
    issuer.fail(new KeyFault.Status(503));
    assertEquals(503, assertThrows(Refusal.class, () -> keys.find("key-1")).status());
    clock.advance(Duration.ofMinutes(2));
    assertTrue(keys.find("key-1").isPresent(), "it came back");
  }

  @Test
  void whateverGoesWrongIsToldAndTriedAgainAfterAPause() {
    KeySet quick = keySet(Duration.ofMillis(400));
    List<KeyFault> faults =
        List.of(
            new KeyFault.Status(500),
            new KeyFault.Cut(),
            new KeyFault.Malformed(),
            new KeyFault.NoKeys(),
            new KeyFault.Large(70_000),
            new KeyFault.Redirect(),
            new KeyFault.Slow(LONG));
    for (KeyFault fault : faults) {
      int before = issuer.requests();
      issuer.fail(fault);
      Refusal refused = assertThrows(Refusal.class, () -> quick.find("key-1"), fault.toString());
      assertEquals(503, refused.status());
      assertEquals("Google cannot be asked for its keys, try again", refused.text());
      assertThrows(Refusal.class, () -> quick.find("key-1"));
      assertEquals(before + 1, issuer.requests(), "a pause after " + fault);
      clock.advance(Duration.ofMinutes(2));
    }
    assertTrue(keys.find("key-1").isPresent());
  }

  @Test
  void manyAtOnceAskOnce() throws Exception {
    issuer.fail(new KeyFault.Slow(Duration.ofMillis(100)));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> found = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        found.add(threads.submit(() -> keys.find("key-1").isPresent()));
      }
      for (Future<Boolean> one : found) {
        assertTrue(one.get());
      }
    }
    assertEquals(1, issuer.requests());
  }

  @Test
  void whoHasKeysDoesNotWaitForASlowProvider() throws Exception {
    assertTrue(keys.find("key-1").isPresent());
    clock.advance(Duration.ofHours(2));
    issuer.fail(new KeyFault.Slow(LONG));
    Thread asking = Thread.ofVirtual().start(() -> keys.find("key-1"));
    Await.until("the provider is asked", LONG, () -> issuer.requests() == 2);
    assertTrue(keys.find("key-1").isPresent());
    assertTrue(asking.isAlive(), "while another thread still asks");
    asking.interrupt();
    asking.join();
    assertEquals(2, issuer.requests());
  }
}
