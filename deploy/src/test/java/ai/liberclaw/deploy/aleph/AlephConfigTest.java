package ai.liberclaw.deploy.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators set for the network, and how they are told of mistakes. */
final class AlephConfigTest {
  private static final String KEY = "0x" + "01".repeat(32);
  private static final String ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1";

  @Test
  void theDefaultsAreTheNetworksAndDebian() {
    AlephConfig config = read(Map.of());
    assertTrue(config.wallet().isEmpty());
    assertEquals(List.of(URI.create("https://api2.aleph.im")), config.hosts());
    assertEquals("2n6.me", config.domain());
    assertEquals(Optional.of("debian 12"), config.image().os());
    assertTrue(config.image().rootfs().hash().startsWith("b6ff5c3a"));
    assertEquals(new InstanceContent.MachineSize(1, 2048, 20_480), config.size());
    assertEquals(72, config.spending().reserveHours());
  }

  @Test
  void theKeyComesFromAFileOrAVariableWithOrWithoutPrefix(@TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("key"), KEY + "\n");
    for (Map<String, String> set :
        List.of(
            Map.of("ALEPH_PRIVATE_KEY", KEY),
            Map.of("LIBERCLAW_ALEPH_PRIVATE_KEY", KEY),
            Map.of("ALEPH_PRIVATE_KEY_FILE", file.toString()),
            Map.of("LIBERCLAW_ALEPH_PRIVATE_KEY_FILE", file.toString()))) {
      AlephConfig config = read(set);
      assertEquals(ADDRESS, config.wallet().orElseThrow().address());
      assertFalse(config.toString().contains("0101"), "the key is not shown");
    }
    assertTrue(AlephConfig.secretNames().contains("ALEPH_PRIVATE_KEY"));
  }

  @Test
  void allMistakesAreToldAndNoValue(@TempDir Path dir) {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    Map.of(
                        "ALEPH_PRIVATE_KEY", "secret-but-wrong",
                        "LIBERCLAW_ALEPH_API_URLS", "https://a.example,http://b.example",
                        "LIBERCLAW_ALEPH_IMAGE", "windows",
                        "LIBERCLAW_ALEPH_VCPUS", "0",
                        "ALEPH_SSH_PUBKEY", "ssh-ed25519 AAAA\nssh-rsa BBBB")));
    assertEquals(5, e.problems().size(), e.problems().toString());
    assertFalse(String.valueOf(e.getMessage()).contains("secret-but-wrong"));
    ConfigException file =
        assertThrows(
            ConfigException.class,
            () -> read(Map.of("ALEPH_PRIVATE_KEY_FILE", dir.resolve("none").toString())));
    assertEquals(1, file.problems().size());
    assertThrows(
        ConfigException.class,
        () -> read(Map.of("ALEPH_PRIVATE_KEY", KEY, "ALEPH_PRIVATE_KEY_FILE", "x")));
  }

  @Test
  void namedHostsMayBeAnywhere() {
    AlephConfig config =
        read(
            Map.of(
                "LIBERCLAW_ALEPH_API_URLS", "http://127.0.0.1:4024/",
                "LIBERCLAW_ALEPH_PRIVATE_HOSTS", "10.0.0.7:4020"));
    AlephHttp http = new AlephHttp(config.namedHosts());
    assertTrue(http.named("127.0.0.1", 4024));
    assertTrue(http.named("10.0.0.7", 4020));
    assertFalse(http.named("10.0.0.7", 22));
  }

  private static AlephConfig read(Map<String, String> environment) {
    EnvReader reader = new EnvReader(environment);
    AlephConfig config = AlephConfig.read(reader);
    reader.throwIfProblems();
    return config;
  }

  /** Weakness 19: the one key of the original opens what is adopted, and nothing of ours. */
  @Test
  void theOriginalsKeyIsNamedWithOrWithoutPrefix() {
    assertEquals(Optional.empty(), AlephConfig.read(new EnvReader(Map.of())).loginKey());
    for (String name : List.of("ALEPH_SSH_PRIVKEY_PATH", "LIBERCLAW_ALEPH_SSH_PRIVKEY_PATH")) {
      assertEquals(
          Optional.of(Path.of("/keys/original")),
          AlephConfig.read(new EnvReader(Map.of(name, "/keys/original"))).loginKey());
    }
  }
}
