package ai.liberclaw.deploy.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.aleph.InstanceContent.MachineSize;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which node gets the next machine. */
final class NodeChoiceTest {
  private static final MachineSize SIZE = new MachineSize(1, 2048, 20_480);
  private static final Random RANDOM = new Random(7);
  private static final NodeChoice CHOICE = new NodeChoice("1.7.0", 3, RANDOM::nextDouble);

  @Test
  void aNodeThatLacksSomethingIsNotTaken() {
    assertTrue(chosen(node("a")).isPresent());
    Map<String, Consumer<ObjectNode>> lacks = new HashMap<>();
    lacks.put("ipv6 of its own", n -> n.withObject("/ipv6_check").put("host", false));
    lacks.put("ipv6 for machines", n -> n.withObject("/ipv6_check").putNull("vm"));
    lacks.put("qemu", n -> n.putNull("qemu_support"));
    lacks.put("usage", n -> n.putNull("system_usage"));
    lacks.put("activity", n -> n.withObject("/system_usage").put("active", false));
    lacks.put("being there", n -> n.put("inactive_since", 1_700_000_000));
    lacks.put("a score", n -> n.put("score", 0.29));
    lacks.put("a version", n -> n.putNull("version"));
    lacks.put("a recent version", n -> n.put("version", "1.6.9"));
    lacks.put("freedom from terms", n -> n.put("terms_and_conditions", "f".repeat(64)));
    lacks.put(
        "memory", n -> n.withObject("/system_usage/mem").put("available_kB", 4L * 1024 * 1024 - 1));
    lacks.put(
        "disk", n -> n.withObject("/system_usage/disk").put("available_kB", 40L * 1024 * 1024 - 1));
    lacks.put(
        "a processor", n -> n.withObject("/system_usage/cpu/load_average").put("load5", 31.5));
    lacks.put("a hash", n -> n.put("hash", "abc"));
    lacks.put("an address", n -> n.putNull("address"));
    lacks.forEach((what, without) -> {
      ObjectNode node = node("a");
      without.accept(node);
      assertEquals(Optional.empty(), chosen(node), "taken without " + what);
    });
  }

  @Test
  void anAddressIsCompletedAndTrimmed() {
    assertEquals(
        "https://crn.example.org",
        chosen(node("a").put("address", "crn.example.org/")).orElseThrow().url());
  }

  @Test
  void versionsAreCompared() {
    assertTrue(ComputeNode.compare("1.14.0-rc2", "1.7.0") > 0);
    assertTrue(ComputeNode.compare("v1.7", "1.7.0") == 0);
    assertTrue(ComputeNode.compare("1.6.12", "1.7.0") < 0);
    assertTrue(ComputeNode.compare("nonsense", "1.7.0") < 0);
  }

  @Test
  void machinesMadeAtTheSameTimeDoNotPileUp() {
    ArrayNode nodes = Json.array();
    for (int i = 0; i < 30; i++) {
      ObjectNode node = node("n" + i);
      node.put("score", i < 10 ? 0.9 : 0.4);
      nodes.add(node);
    }
    List<ComputeNode> list = ComputeNode.list(Json.object().set("crns", nodes));
    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      taken.merge(choose(list, Set.of(), Map.of(), Map.of()).orElseThrow().url(), 1, Integer::sum);
    }
    assertEquals(10, taken.size(), "the best ten, and no others");
    taken.forEach((url, times) -> assertTrue(times > 50 && times < 200, url + " " + times));
  }

  @Test
  void nodesThatFailedAreAvoidedAndThoseThatFailOftenTakenSeldom() {
    List<ComputeNode> list =
        ComputeNode.list(Json.object().set("crns", Json.array().add(node("a")).add(node("b"))));
    String a = list.get(0).url();
    String b = list.get(1).url();
    assertEquals(b, choose(list, Set.of(a), Map.of(), Map.of()).orElseThrow().url());
    assertEquals(Optional.empty(), choose(list, Set.of(a, b), Map.of(), Map.of()));
    assertEquals(b, choose(list, Set.of(), Map.of(), Map.of(a, 3)).orElseThrow().url());
    int times = 0;
    for (int i = 0; i < 1000; i++) {
      Map<String, NodeChoice.History> records = Map.of(a, new NodeChoice.History(0, 18));
      if (choose(list, Set.of(), records, Map.of()).orElseThrow().url().equals(a)) {
        times++;
      }
    }
    assertTrue(
        times > 40 && times < 160, "a tenth of the trust, a tenth of the machines: " + times);
  }

  private static Optional<ComputeNode> choose(
      List<ComputeNode> list,
      Set<String> avoid,
      Map<String, NodeChoice.History> records,
      Map<String, Integer> ours) {
    return CHOICE.choose(list, SIZE, avoid, records, ours);
  }

  private static Optional<ComputeNode> chosen(ObjectNode node) {
    return choose(
        ComputeNode.list(Json.object().set("crns", Json.array().add(node))),
        Set.of(),
        Map.of(),
        Map.of());
  }

  private static ObjectNode node(String name) {
    ObjectNode node =
        Json.object()
            .put("hash", "%064x".formatted(name.hashCode() & 0xffffff))
            .put("address", "https://" + name + ".example.org")
            .put("score", 0.9)
            .put("qemu_support", true)
            .put("version", "1.14.0");
    node.putObject("ipv6_check").put("host", true).put("vm", true);
    ObjectNode usage = node.putObject("system_usage").put("active", true);
    usage.putObject("cpu").put("count", 32).putObject("load_average").put("load5", 2.0);
    usage.putObject("mem").put("available_kB", 64L * 1024 * 1024);
    usage.putObject("disk").put("available_kB", 500L * 1024 * 1024);
    return node;
  }
}
