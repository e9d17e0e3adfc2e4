package ai.liberclaw.deploy.provider.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerSettingsTest {
  @Test
  void theDefaultsAreThoseOfTheManual() {
    ContainerSettings settings = read(Map.of("CONTAINER_HOST", "unix:///run/x.sock"));
    assertEquals(Optional.of(Path.of("/run/x.sock")), settings.socket());
    assertEquals(1024L << 20, settings.memoryBytes());
    assertEquals(512, settings.pidsMax());
    assertEquals(2, settings.ulimits().size());
    assertFalse(settings.rules().open());
    assertTrue(settings.rules().script(8080).contains("169.254.0.0/16"));
  }

  @ParameterizedTest
  @CsvSource({
    "CONTAINER_HOST,tcp://1.2.3.4:2375",
    "CONTAINER_HOST,unix://relative",
    "LIBERCLAW_CONTAINER_MEMORY_MIB,1",
    "LIBERCLAW_CONTAINER_ALLOW,example.org",
    "LIBERCLAW_CONTAINER_ALLOW,10.0.0.0/33",
    "LIBERCLAW_CONTAINER_ALLOW,10.0.0.1:70000",
    "LIBERCLAW_CONTAINER_DNS,dns.example.org",
    "LIBERCLAW_CONTAINER_ULIMITS,nofile",
    "LIBERCLAW_CONTAINER_EGRESS,some"
  })
  void whatMakesNoSenseIsRefusedByName(String name, String value) {
    ConfigException e = assertThrows(ConfigException.class, () -> read(Map.of(name, value)));
    assertTrue(String.valueOf(e.getMessage()).contains(name));
  }

  @Test
  void allowedAddressesComeBeforeWhatIsRefused() {
    String script =
        read(Map.of(
                "LIBERCLAW_CONTAINER_ALLOW", "10.0.0.5:11434,10.1.0.0/16,fd00::/8,[fd00::1]:80"))
            .rules()
            .script(8080);
    assertTrue(script.contains("ip daddr 10.0.0.5/32 tcp dport 11434 accept"));
    assertTrue(script.contains("ip daddr 10.1.0.0/16 accept"));
    assertTrue(script.contains("ip6 daddr fd00:0:0:0:0:0:0:0/8 accept"));
    assertTrue(script.contains("ip6 daddr fd00:0:0:0:0:0:0:1/128 tcp dport 80 accept"));
    assertTrue(script.indexOf("10.1.0.0/16") < script.indexOf("reject"));
    assertFalse(
        read(Map.of("LIBERCLAW_CONTAINER_EGRESS", "any")).rules().script(8080).contains("nft"));
  }

  @Test
  void theGatewayToModelsIsReachedAlsoInAPrivateNetwork() {
    ContainerSettings settings = read(Map.of());
    String script =
        settings.reaching(Optional.of(URI.create("http://10.9.8.7:8000"))).rules().script(8080);
    String rule = "ip daddr 10.9.8.7/32 tcp dport 8000 accept";
    assertTrue(script.indexOf(rule) > 0 && script.indexOf(rule) < script.indexOf("reject"));
    String https =
        settings.reaching(Optional.of(URI.create("https://[fd00::7]"))).rules().script(8080);
    assertTrue(https.contains("ip6 daddr fd00:0:0:0:0:0:0:7/128 tcp dport 443 accept"), https);
  }

  private static ContainerSettings read(Map<String, String> environment) {
    EnvReader env = new EnvReader(environment);
    ContainerSettings settings = ContainerSettings.read(env);
    env.throwIfProblems();
    return settings;
  }
}
