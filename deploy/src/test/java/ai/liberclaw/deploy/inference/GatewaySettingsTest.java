package ai.liberclaw.deploy.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GatewaySettingsTest {
  private static final String URL = "LIBERCLAW_GATEWAY_URL";

  @Test
  void nothingSetMeansThatNobodyElsewhereReachesIt() {
    GatewaySettings settings = read(Map.of(), false);
    assertTrue(settings.fromAway().missing().orElseThrow().startsWith(URL));
    assertTrue(
        settings.fromContainers().missing().orElseThrow().startsWith("LIBERCLAW_CONTAINER_"));
    NoGatewayException e =
        assertThrows(NoGatewayException.class, () -> settings.fromAway().origin());
    assertTrue(!e.passing());
  }

  @Test
  void theApisOwnAddressIsTakenWhereItIsPublic() throws Exception {
    GatewaySettings settings = read(Map.of("LIBERCLAW_API_URL", "https://api.example.org/"), false);
    assertEquals(URI.create("https://api.example.org"), settings.fromAway().origin());
    assertEquals(URI.create("https://api.example.org"), settings.fromContainers().origin());
    assertEquals(
        Optional.empty(), read(Map.of("LIBERCLAW_API_URL", "http://localhost:8000"), true).away());
  }

  @Test
  void containersMayHaveAnotherAddress() throws Exception {
    GatewaySettings settings =
        read(
            Map.of(
                URL,
                "https://gw.example.org",
                "LIBERCLAW_CONTAINER_GATEWAY_URL",
                "http://10.0.0.5:8000"),
            false);
    assertEquals(URI.create("https://gw.example.org"), settings.fromAway().origin());
    assertEquals(URI.create("http://10.0.0.5:8000"), settings.fromContainers().origin());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://gw.example.org",
        "http://127.0.0.1:8000",
        "gw.example.org",
        "https://u:p@gw.example.org",
        "https://gw.example.org/models",
        "https://gw.example.org?x",
        "not an address"
      })
  void anAddressThatTokensMustNotGoToIsRefusedByName(String address) {
    ConfigException e =
        assertThrows(ConfigException.class, () -> read(Map.of(URL, address), false));
    assertTrue(e.problems().getFirst().startsWith(URL + " must be an https address"));
  }

  @Test
  void developmentMayUsePlainHttpButNotLoopback() {
    assertEquals(
        Optional.of(URI.create("http://10.1.2.3:8000")),
        read(Map.of(URL, "http://10.1.2.3:8000"), true).away());
    assertThrows(ConfigException.class, () -> read(Map.of(URL, "http://localhost:8000"), true));
  }

  @Test
  void theLocalOneIsWaitedForUntilTheServerListens() throws Exception {
    Gateway.Here here = new Gateway.Here();
    Thread listener =
        Thread.ofVirtual().start(() -> here.opened(URI.create("http://127.0.0.1:8000")));
    assertEquals(URI.create("http://127.0.0.1:8000"), here.origin());
    listener.join();
  }

  @Test
  void aServerThatNeverListensIsNotWaitedForForEver() {
    Gateway.Here slow = new Gateway.Here(Duration.ofMillis(20));
    assertTrue(assertThrows(NoGatewayException.class, slow::origin).passing());
    Gateway.Here ended = new Gateway.Here();
    ended.closed();
    assertTrue(assertThrows(NoGatewayException.class, ended::origin).passing());
  }

  private static GatewaySettings read(Map<String, String> variables, boolean devMode) {
    EnvReader env = new EnvReader(variables);
    GatewaySettings settings = GatewaySettings.read(env, devMode);
    env.throwIfProblems();
    return settings;
  }
}
