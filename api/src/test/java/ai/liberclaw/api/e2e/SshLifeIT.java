package ai.liberclaw.api.e2e;

import static ai.liberclaw.api.e2e.EventStream.ofType;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import ai.liberclaw.testkit.process.ServerProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent's whole life on another machine: the packaged server, the operator's commands of its
 * jar, and the bundle as it is shipped.
 */
@OnHosts
class SshLifeIT {
  private static final Duration COLD_TIME_MAX = Duration.ofSeconds(15);
  private static final Duration UPDATE_TIME_MAX = Duration.ofMinutes(3);
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void anAgentLivesAndDiesOnAnotherMachine() throws Exception {
    SignedBundles bundles = new SignedBundles(folder);
    try (DebianHost machine = DebianHost.start();
        Platform platform = Platform.start(settings(machine, bundles))) {
      register(platform, machine);
      String first = platform.useRelease(bundles.built("1.0-first"));

      Guest guest = Guest.signIn(platform);
      long began = System.nanoTime();
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      Duration cold = Duration.ofNanos(System.nanoTime() - began);
      System.out.println("cold machine to first healthy answer: " + cold.toMillis() + " ms");
      assertEquals(true, guest.get("/agents/" + agent + "/health").get("healthy").asBoolean());
      assertEquals(first, release(machine, agent));
      assertTrue(cold.compareTo(COLD_TIME_MAX) < 0, cold.toString());
      chats(guest, agent, "hello from the first release");

      String second = platform.useRelease(bundles.built("1.0-second"));
      update(guest, agent);
      assertEquals(second, release(machine, agent));
      chats(guest, agent, "hello from the second release");

      platform.useRelease(bundles.broken("1.0-broken"));
      update(guest, agent);
      assertEquals(second, release(machine, agent));
      assertTrue(
          guest
              .get("/agents/" + agent + "/status")
              .toString()
              .contains("runs again as before the update"));
      chats(guest, agent, "hello after the broken release");
      String history = guest.get("/chat/" + agent + "/history").toString();
      for (String said : List.of("first release", "second release", "broken release")) {
        assertTrue(history.contains(said), history);
      }
      assertTrue(guest.get("/agents/" + agent + "/logs").get("lines").size() > 0);

      Platform.Ran busy = platform.run("host", "remove", "vm1");
      assertEquals(1, busy.exit(), busy.output());
      assertTrue(busy.output().contains("has 1 agents"), busy.output());
      assertNoSecretShows(machine, guest);

      assertEquals(204, guest.call("DELETE", "/agents/" + agent, null).statusCode());
      String data = "/var/lib/liberclaw/agents/" + agent;
      try (Rows rows = Rows.of(platform)) {
        Await.until("the agent is gone", SOON, () -> rows.count("instances") == 0);
      }
      assertFalse(machine.exists(data));
      Platform.Ran removed = platform.run("host", "remove", "vm1");
      assertEquals(0, removed.exit(), removed.output());
      assertFalse(machine.read("/root/.ssh/authorized_keys").contains("liberclaw\n"));
      assertFalse(platform.run("host", "list").output().contains("vm1"));
    }
  }

  /** The agent's machine reaches the gateway of this one. */
  private static Map<String, String> settings(DebianHost machine, SignedBundles bundles) {
    String here = machine.check("getent", "hosts", "host.containers.internal").split("\\s", 2)[0];
    String port = Integer.toString(ServerProcess.freePort());
    return Map.of(
        "PORT",
        port,
        "HOST",
        "0.0.0.0",
        "LIBERCLAW_GATEWAY_URL",
        "http://" + here + ":" + port,
        "LIBERCLAW_PROVIDERS",
        "ssh",
        "MODEL_PROVIDER",
        "offline",
        "LIBERCLAW_RELEASE_PUBLIC_KEYS",
        bundles.publicKey());
  }

  /** As an operator does it, with all that can go wrong on the way. */
  private static void register(Platform platform, DebianHost machine) throws Exception {
    String port = Integer.toString(machine.sshPort());
    String key = machine.key().toString();
    String[] asking = {"host", "add", "vm1", "127.0.0.1", "--port", port, "--key", key};
    Platform.Ran shown = platform.run(asking);
    assertEquals(1, shown.exit(), shown.output());
    assertTrue(shown.output().contains(machine.fingerprint()), shown.output());

    Platform.Ran other = platform.run(with(asking, "--fingerprint", "SHA256:another"));
    assertEquals(1, other.exit(), other.output());
    assertTrue(other.output().contains("another host key"), other.output());

    String[] confirmed = with(asking, "--fingerprint", machine.fingerprint());
    Platform.Ran added = platform.run(confirmed);
    assertEquals(0, added.exit(), added.output());
    assertTrue(added.output().contains("vm1 is registered: debian 12"), added.output());
    assertTrue(machine.read("/root/.ssh/authorized_keys").contains("liberclaw\n"));

    Platform.Ran again = platform.run(confirmed);
    assertEquals(2, again.exit(), again.output());
    Platform.Ran listed = platform.run("host", "list");
    assertTrue(listed.output().contains("root@127.0.0.1:" + port), listed.output());
    assertTrue(listed.output().contains("0/20"), listed.output());

    Platform.Ran well = platform.run("host", "check");
    assertEquals(0, well.exit(), well.output());
    assertTrue(well.output().contains("MiB memory"), well.output());
  }

  private static String[] with(String[] words, String... more) {
    String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  private static void update(Guest guest, String agent) throws Exception {
    HttpResponse<String> asked = guest.call("POST", "/agents/" + agent + "/redeploy", null);
    assertEquals(200, asked.statusCode(), asked.body());
    Await.until(
        "the update has ended",
        UPDATE_TIME_MAX,
        () -> guest.get("/agents/" + agent).get("deployment_status").textValue().equals("running"));
  }

  private static void chats(Guest guest, String agent, String message) throws Exception {
    try (EventStream stream = guest.chat(agent, Json.object().put("message", message).toString())) {
      List<JsonNode> events = stream.toEnd();
      assertEquals("done", events.getLast().get("type").textValue(), events.toString());
      assertFalse(ofType(events, "text").isEmpty(), events.toString());
      assertEquals(List.of(), ofType(events, "error"));
    }
  }

  private static String release(DebianHost machine, String agent) {
    String link = machine.check("readlink", "/etc/liberclaw/agents/" + agent + "/release");
    return link.substring(link.lastIndexOf('/') + 1);
  }

  private static void assertNoSecretShows(DebianHost machine, Guest guest) {
    machine
        .processes()
        .forEach(process -> {
          String shown = process.arguments() + " " + process.environment();
          assertFalse(shown.contains(Platform.MODEL_KEY), shown);
          guest.secrets().forEach(secret -> assertFalse(shown.contains(secret), shown));
        });
  }
}
