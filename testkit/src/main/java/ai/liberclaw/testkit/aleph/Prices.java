package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** What instances cost, in credits. */
final class Prices {
  static final String PUBLISHER = "0xFba561a84A537fCaa567bb7A2257e7142701ae2A";
  private static final int MEMORY_MIB = 2048;
  private static final int DISK_MIB = 20480;
  private static final List<Integer> TIERS = List.of(1, 2, 4, 6, 8, 12);
  private static final BigDecimal HOUR_SECONDS = BigDecimal.valueOf(3600);

  private volatile BigDecimal unitPerHour = new BigDecimal("14250");
  private volatile BigDecimal diskMibPerHour = new BigDecimal("0.1797");

  void unitPerHour(BigDecimal credits) {
    unitPerHour = credits;
  }

  /** Credits per second. */
  BigDecimal perSecond(JsonNode content) {
    int units = units(content);
    long extraMib = content.at("/rootfs/size_mib").asLong() - (long) units * DISK_MIB;
    for (JsonNode volume : content.path("volumes")) {
      extraMib += volume.path("size_mib").asLong();
    }
    BigDecimal hour =
        unitPerHour
            .multiply(BigDecimal.valueOf(units))
            .add(diskMibPerHour.multiply(BigDecimal.valueOf(Math.max(0, extraMib))))
            .max(BigDecimal.ONE);
    return hour.divide(HOUR_SECONDS, MathContext.DECIMAL64);
  }

  private static int units(JsonNode content) {
    int cpus = content.at("/resources/vcpus").asInt();
    int memory = content.at("/resources/memory").asInt();
    int needed = Math.max(cpus, (memory + MEMORY_MIB - 1) / MEMORY_MIB);
    return TIERS.stream().filter(tier -> tier >= needed).findFirst().orElse(needed);
  }

  /** The aggregate {@code pricing} as far as it speaks of instances. */
  ObjectNode aggregate() {
    ObjectNode instance = Json.object();
    ObjectNode price = instance.putObject("price");
    price.putObject("storage").put("credit", diskMibPerHour.toPlainString());
    price.putObject("compute_unit").put("credit", unitPerHour.toPlainString());
    ArrayNode tiers = instance.putArray("tiers");
    for (int i = 0; i < TIERS.size(); i++) {
      tiers.addObject().put("id", "tier-" + (i + 1)).put("compute_units", TIERS.get(i));
    }
    instance
        .putObject("compute_unit")
        .put("vcpus", 1)
        .put("disk_mib", DISK_MIB)
        .put("memory_mib", MEMORY_MIB);
    ObjectNode pricing = Json.object();
    pricing.set("instance", instance);
    return pricing;
  }
}
