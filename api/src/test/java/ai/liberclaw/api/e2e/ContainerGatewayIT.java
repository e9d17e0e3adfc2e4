package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.Engine;
import ai.liberclaw.testkit.host.OnHosts;
import ai.liberclaw.testkit.host.Output;
import ai.liberclaw.testkit.process.ServerProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent as it is shipped, in a container as it is made: models are the one thing of this
 * machine that it reaches, and their key stays here.
 */
@OnHosts
class ContainerGatewayIT {
  /** The first agent waits for the image. */
  private static final Duration IMAGE_TIME_MAX = Duration.ofMinutes(3);

  private static final Duration SOON = Duration.ofSeconds(60);

  /** What Bash ends with when it may not connect; a silent drop is not told so. */
  private static final int REFUSED = 1;

  /** Is not its own match, where processes show it. */
  private static final String KEY = "sk-e2e-ke[y]";

  @TempDir private Path folder;

  @Test
  void aChatIsAnsweredThroughTheGatewayAndNothingElseHereIsReached() throws Exception {
    SignedBundles bundles = new SignedBundles(folder);
    InetAddress here = addressOfThisMachine();
    try (Engine engine = Engine.start();
        // Listens everywhere, as a careless database would.
        ServerSocket neighbour = new ServerSocket(0, 8);
        Platform platform = Platform.start(settings(engine, bundles, here));
        Rows rows = Rows.of(platform)) {
      String release = platform.useRelease(bundles.built("1.0-container"));
      try {
        Guest guest = Guest.signIn(platform);
        String agent = guest.create("Ada");
        guest.awaitRunning(agent, IMAGE_TIME_MAX);
        chats(platform, guest, agent);
        assertCounted(rows, guest, agent);

        String container = container(engine, agent, "agent");
        String outside =
            engine.podman("inspect", container, container(engine, agent, "net"))
                + engine.podman("logs", container);
        String config = "/etc/liberclaw/config.json";
        assertTrue(found(engine, container, here.getHostAddress()).contains(config));
        assertEquals("", found(engine, container, KEY));
        assertFalse(outside.contains(Platform.MODEL_KEY), outside);

        String host = here.getHostAddress();
        int gateway = platform.uri("/").getPort();
        int other = neighbour.getLocalPort();
        assertEquals(0, connect(engine, container, host, gateway));
        assertEquals(REFUSED, connect(engine, container, host, other));
        assertEquals(0, connectUnfiltered(engine, host, other), "the filter keeps agents off");
        // This machine by the address it has in the container's own network.
        String bridge = bridge(engine, container(engine, agent, "net"));
        for (int port : List.of(other, gateway, 22)) {
          assertEquals(REFUSED, connect(engine, container, bridge, port), bridge + ":" + port);
        }

        assertEquals(204, guest.call("DELETE", "/agents/" + agent, null).statusCode());
        Await.until("the agent is gone", SOON, () -> rows.count("instances") == 0);
        assertEquals("", engine.podman("ps", "-aq", "--filter", "label=liberclaw.agent=" + agent));
      } finally {
        engine.sweep("liberclaw.installation=" + rows.text("select id from installation"));
        engine.tryPodman("rmi", "-f", "localhost/liberclaw-agent:" + release);
      }
    }
  }

  private static Map<String, String> settings(
      Engine engine, SignedBundles bundles, InetAddress here) {
    String port = Integer.toString(ServerProcess.freePort());
    Map<String, String> settings = new HashMap<>();
    settings.put("PORT", port);
    settings.put("HOST", "0.0.0.0");
    settings.put("LIBERCLAW_CONTAINER_GATEWAY_URL", "http://" + here.getHostAddress() + ":" + port);
    settings.put("LIBERCLAW_PROVIDERS", "container");
    settings.put("CONTAINER_HOST", "unix://" + engine.socket());
    settings.put("CONTAINER_BASE", engine.debianImage());
    // Where the kernel's own limits are low, higher ones are refused.
    settings.put("LIBERCLAW_CONTAINER_ULIMITS", "core=0:0,nofile=1024:10000,nproc=1000:10000");
    settings.put("LIBERCLAW_RELEASE_PUBLIC_KEYS", bundles.publicKey());
    return settings;
  }

  private static void chats(Platform platform, Guest guest, String agent) throws Exception {
    String message = "Look.\n/tool bash {\"command\":\"id -u; hostname\"}";
    try (EventStream stream = guest.chat(agent, Json.object().put("message", message).toString())) {
      List<JsonNode> events = stream.toEnd();
      assertEquals(List.of(), EventStream.ofType(events, "error"));
      assertEquals(1, EventStream.ofType(events, "tool_use").size());
      assertEquals("done", events.getLast().get("type").textValue(), events.toString());
    }
    String result = platform.model.lastRequest().messages().toString();
    assertTrue(result.contains("10001"), result);
    assertEquals(
        "Bearer " + Platform.MODEL_KEY,
        platform.model.lastRequest().headers().get("authorization"));
  }

  /** Two calls of the model, paid for and with nothing held back any more. */
  private static void assertCounted(Rows rows, Guest guest, String agent) throws Exception {
    String day =
        " from budgets where scope = 'agent' and period = 'day' and subject = '" + agent + "'";
    Await.until(
        "both calls are settled",
        SOON,
        () -> rows.text("select spent_requests - reserved_requests" + day).equals("2"));
    assertEquals("0", rows.text("select reserved_nanodollars + reserved_tokens" + day));
    assertTrue(Long.parseLong(rows.text("select spent_nanodollars" + day)) > 0);
    assertTrue(Long.parseLong(rows.text("select spent_tokens" + day)) > 0);
    assertEquals(
        "2", rows.text("select sum(requests) from model_usage where agent_id = '" + agent + "'"));
    String spend = guest.get("/agents/" + agent).toString();
    assertTrue(spend.contains("\"spend\""), spend);
  }

  /** The files that hold such a text, and where a process shows it. */
  private static String found(Engine engine, String container, String text) {
    String search =
        "grep -rasl '"
            + text
            + "' /etc /var /tmp /run /opt /home /root /srv /usr/local"
            + "; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -a '"
            + text
            + "'; true";
    // Else root may not read what is its user's alone.
    return engine.podman("exec", "--privileged", "--user", "0", container, "sh", "-c", search);
  }

  private static String container(Engine engine, String agent, String role) {
    String id =
        engine.podman(
            "ps",
            "-q",
            "--filter",
            "label=liberclaw.agent=" + agent,
            "--filter",
            "label=liberclaw.role=" + role);
    assertEquals(1, id.lines().count(), role + ": " + id);
    return id;
  }

  /** How an agent's process fares that opens a connection: 0, or {@link #REFUSED}. */
  private static int connect(Engine engine, String container, String host, int port) {
    return connect(engine, List.of("exec", container), host, port);
  }

  private static int connectUnfiltered(Engine engine, String host, int port) {
    return connect(engine, List.of("run", "--rm", engine.debianImage()), host, port);
  }

  private static int connect(Engine engine, List<String> where, String host, int port) {
    List<String> command = new ArrayList<>(where);
    String open = "timeout 10 bash -c '</dev/tcp/" + host + "/" + port + "' 2>/dev/null; echo $?";
    command.addAll(List.of("sh", "-c", open));
    Output output = engine.tryPodman(command.toArray(String[]::new));
    assertTrue(output.succeeded(), output.toString());
    return Integer.parseInt(output.out().strip());
  }

  private static String bridge(Engine engine, String holder) {
    String gateway =
        engine.podman(
            "inspect",
            "--format",
            "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}",
            holder);
    assertFalse(gateway.isBlank());
    return gateway.strip();
  }

  /** The one by which it reaches others; nothing is sent. */
  private static InetAddress addressOfThisMachine() throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 9));
      return socket.getLocalAddress();
    }
  }
}
