package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.api.network.NetworkMap;
import ai.liberclaw.api.network.NetworkSettings;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.network.NetworkServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The public map of nodes: made by one server for all, from sources that fail and lie. */
@ExtendWith(Postgres.Extension.class)
class NetworkMapTest {
  private static final ClusterTasks.Times QUICK =
      new ClusterTasks.Times(
          Duration.ofSeconds(30),
          Duration.ofMillis(50),
          new Backoff(Duration.ofMillis(20), Duration.ofMillis(20), 0));

  /** Names of this test; addresses as they are. */
  private static final NetworkMap.Reach REACH =
      new NetworkMap.Reach(
          host ->
              switch (host) {
                case "paris.example" -> List.of(address("2606:4700::1111"), address("1.1.1.1"));
                case "localhost" -> List.of(address("127.0.0.1"));
                case "home.example" -> List.of(address("192.168.1.4"));
                case "gone.example" -> throw new UnknownHostException(host);
                default -> List.of(address(host));
              },
          Duration.ZERO);

  private final NetworkServer sources;
  private TestApi api;

  NetworkMapTest() throws Exception {
    sources = new NetworkServer();
  }

  @BeforeEach
  void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres);
  }

  @AfterEach
  void stop() throws Exception {
    api.close();
    sources.close();
  }

  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private static ObjectNode node(String hash, String address) {
    ObjectNode node =
        Json.object()
            .put("hash", hash)
            .put("name", "Node " + hash)
            .put("address", address)
            .put("score", 0.9)
            .put("qemu_support", true);
    ObjectNode usage = node.putObject("system_usage").put("active", true);
    usage.putObject("mem").put("available_kB", 16_999_999);
    usage.putObject("cpu").put("count", 8);
    return node;
  }

  private static String crns(JsonNode... nodes) {
    ObjectNode list = Json.object();
    ArrayNode all = list.putArray("crns");
    List.of(nodes).forEach(all::add);
    return Json.write(list);
  }

  private ClusterTasks server(boolean asksForPlaces) {
    NetworkSettings settings =
        new NetworkSettings(
            Optional.of(sources.listUrl()),
            asksForPlaces ? Optional.of(sources.batchUrl()) : Optional.empty());
    ClusterTasks tasks = new ClusterTasks(api.sql(), api.clock, QUICK);
    NetworkMap.of(settings, api.sql(), REACH).orElseThrow().addTo(tasks);
    return tasks;
  }

  private void awaitRuns(int runs) {
    Await.until("run " + runs, TestApi.DEADLINE, () -> done() && sources.listed() >= runs);
  }

  private boolean done() {
    return !api.sql()
        .fetch(
            "select 1 from cluster_tasks where name = 'network-map' and last_done_at is not null"
                + " and lease_owner is null")
        .isEmpty();
  }

  private HttpResponse<String> get() throws Exception {
    // Past the moment for which a server keeps its answer.
    api.clock.advance(Duration.ofSeconds(31));
    return api.call("GET", "/network/crns", null, null);
  }

  private JsonNode map() throws Exception {
    HttpResponse<String> answer = get();
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("public, max-age=300", answer.headers().firstValue("Cache-Control").orElseThrow());
    return Json.parse(answer.body());
  }

  @Test
  void d8TheMapIsMadeOnceForAllAndOutlivesItsSources() throws Exception {
    assertEquals("{\"total\":0,\"nodes\":[]}", get().body());
    sources.list(crns(node("a1", "https://paris.example"))).city("1.1.1.1", "Paris");
    try (ClusterTasks one = server(true);
        ClusterTasks two = server(true)) {
      awaitRuns(1);
      String first = Json.write(map());
      assertEquals(
          "{\"total\":1,\"nodes\":[{\"hash\":\"a1\",\"name\":\"Node a1\","
              + "\"url\":\"https://paris.example\",\"score\":0.9,\"lat\":12.5,\"lng\":-7.25,"
              + "\"country\":\"Nowhere\",\"city\":\"Paris\",\"mem_avail_gb\":16.2,"
              + "\"cpu_count\":8,\"active\":true}]}",
          first);
      assertEquals(1, sources.listed());

      sources
          .fault(new NetworkServer.Fault.Status(500))
          .fault(new NetworkServer.Fault.Cut())
          .fault(new NetworkServer.Fault.Malformed());
      api.sql().execute("update cluster_tasks set last_done_at = null");
      one.wake();
      two.wake();
      awaitRuns(5);
      assertEquals(5, sources.listed());
      assertEquals(first, Json.write(map()));

      // A list without nodes is a broken list; without places the known ones hold.
      sources.list("{\"crns\":[]}");
      api.sql().execute("update cluster_tasks set last_done_at = null");
      one.wake();
      Await.until("asked in vain", TestApi.DEADLINE, () -> sources.listed() >= 6);
      assertEquals(first, Json.write(map()));
      sources
          .batchFault(new NetworkServer.Fault.Status(429))
          .city("8.8.8.8", "Berlin")
          .list(crns(node("a1", "https://paris.example"), node("b2", "https://8.8.8.8")));
      awaitRuns(7);
      assertEquals(first, Json.write(map()));
      api.sql().execute("update cluster_tasks set last_done_at = null");
      one.wake();
      awaitRuns(8);
      assertEquals(2, map().get("total").intValue());
    }
    HttpResponse<String> whole = get();
    String tag = whole.headers().firstValue("ETag").orElseThrow();
    assertEquals(
        304, api.call("GET", "/network/crns", null, null, "If-None-Match", tag).statusCode());
    assertEquals(
        Collections.nCopies(20, 200),
        TestApi.together(20, () -> api.call("GET", "/network/crns", null, null)));
  }

  @Test
  void b14AddressesOfTheListAreAskedNothingAndToldOnlyWhenPublic() throws Exception {
    sources
        .list(
            crns(
                node("a1", "https://paris.example"),
                node("a2", "https://home.example"),
                node("a3", "http://127.0.0.1:1/"),
                node("a4", "http://169.254.169.254/latest"),
                node("a5", "https://[::1]/"),
                node("a6", "https://gone.example"),
                node("a7", "file:///etc/passwd"),
                node("a8", "https://8.8.4.4").put("qemu_support", false),
                node("a9", "https://8.8.4.4").put("score", 0.2),
                node("b1", "https://9.9.9.9").put("name", "<img src=x>\u0000"),
                node("b1", "https://8.8.4.4"),
                node("no hash", "https://8.8.4.4")))
        .city("1.1.1.1", "Paris")
        .city("9.9.9.9", "<b>Zurich");
    try (ClusterTasks _ = server(true)) {
      awaitRuns(1);
    }
    assertEquals(List.of(List.of("1.1.1.1", "9.9.9.9")), sources.asked());
    JsonNode nodes = map().get("nodes");
    assertEquals(2, nodes.size());
    assertEquals("img src=x", nodes.get(1).get("name").textValue());
    assertEquals("bZurich", nodes.get(1).get("city").textValue());

    // Neither does the list lead into the network it is fetched from.
    sources.fault(new NetworkServer.Fault.Redirect("http://169.254.169.254/crns.json"));
    sources.fault(new NetworkServer.Fault.Redirect("http://localhost:1/crns.json"));
    api.sql().execute("update cluster_tasks set last_done_at = null");
    try (ClusterTasks _ = server(true)) {
      awaitRuns(4);
    }
    assertEquals(2, map().get("total").intValue());
  }

  @Test
  void offlineAsksNobodyAndShowsWhatTheListSays() throws Exception {
    ObjectNode here = node("a1", "https://paris.example").put("lat", 48.8).put("lng", 2.3);
    ObjectNode there = node("a2", "https://8.8.8.8");
    there.putObject("location").put("lat", 52.5).put("lon", 13.4).put("city", "Berlin");
    sources.list(crns(here, there, node("a3", "https://9.9.9.9")));
    try (ClusterTasks _ = server(false)) {
      awaitRuns(1);
    }
    assertEquals(List.of(), sources.asked());
    JsonNode nodes = map().get("nodes");
    assertEquals(2, nodes.size());
    assertEquals("Berlin", nodes.get(1).get("city").textValue());
  }

  @Test
  void placesAreAskedForAHundredAtATimeAndKeptWhenTheSourceTires() throws Exception {
    List<JsonNode> nodes = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      nodes.add(node("n" + i, "https://8.8.4." + i));
      sources.city("8.8.4." + i, "City " + i);
    }
    sources.list(crns(nodes.toArray(JsonNode[]::new)));
    try (ClusterTasks _ = server(true)) {
      awaitRuns(1);
    }
    assertEquals(List.of(100, 50), sources.asked().stream().map(List::size).toList());
    assertEquals(150, map().get("total").intValue());
  }

  @Test
  void inDevelopmentNobodyIsAskedUnlessNamed() {
    assertTrue(settings(Map.of(), true).nodesUrl().isEmpty());
    assertEquals(
        Optional.of("https://crns-list.aleph.sh/crns.json"), settings(Map.of(), false).nodesUrl());
    assertTrue(settings(Map.of(), false).locationsUrl().isEmpty());
    assertTrue(settings(Map.of("LIBERCLAW_NETWORK_NODES_URL", "off"), false).nodesUrl().isEmpty());
    assertTrue(
        settings(Map.of("LIBERCLAW_NETWORK_GEO", "ip-api"), false).locationsUrl().isPresent());
    for (String name :
        List.of(
            "LIBERCLAW_NETWORK_NODES_URL", "LIBERCLAW_NETWORK_GEO", "LIBERCLAW_NETWORK_GEO_URL")) {
      ConfigException refused =
          assertThrows(
              ConfigException.class, () -> settings(Map.of(name, "ftp://secret.example"), false));
      assertTrue(String.valueOf(refused.getMessage()).contains(name));
      assertFalse(String.valueOf(refused.getMessage()).contains("secret"));
    }
  }

  private static NetworkSettings settings(Map<String, String> environment, boolean devMode) {
    EnvReader env = new EnvReader(environment);
    NetworkSettings settings = NetworkSettings.read(env, devMode);
    env.throwIfProblems();
    return settings;
  }
}
