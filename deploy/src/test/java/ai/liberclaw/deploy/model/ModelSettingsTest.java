package ai.liberclaw.deploy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.deploy.budget.Price;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelSettingsTest {
  private static final String SERVICE =
      "[{\"name\":\"a\",\"kind\":\"openai\",\"base_url\":\"%s\",\"key\":\"sk-secret\","
          + "\"models\":[{\"id\":\"m\",\"as\":\"n\",\"context\":1000,\"answer\":100,"
          + "\"price\":{\"prompt\":0.15,\"cached\":0.0001,\"completion\":0.6}}]}]";

  @TempDir Path folder;

  private static ModelSettings read(Map<String, String> environment) {
    return read(environment, false);
  }

  private static ModelSettings read(Map<String, String> environment, boolean devMode) {
    EnvReader env = new EnvReader(environment);
    ModelSettings settings = ModelSettings.read(env, devMode);
    env.throwIfProblems();
    return settings;
  }

  private static List<String> ids(List<OfferedModel> models) {
    return models.stream().map(OfferedModel::id).toList();
  }

  @Test
  void withoutAListTheKnownVariablesNameTheServices() {
    ModelSettings settings = read(Map.of("LIBERTAI_API_KEY", "sk-operator"));
    assertEquals(List.of("qwen3-coder-next", "glm-4.7"), ids(settings.offered()));
    Upstream libertAi = settings.primary().getFirst();
    assertEquals("https://api.libertai.io/v1", libertAi.baseUrl().toString());
    assertEquals(Optional.of("sk-operator"), libertAi.key());
    assertTrue(libertAi.ownersKeys());
    assertTrue(libertAi.model("z-image-turbo").isPresent());
    assertTrue(libertAi.model("gpt-9").isEmpty());
    assertFalse(settings.toString().contains("sk-operator"));
    ModelSettings.Decision decision = settings.decide("glm-4.7");
    assertEquals(List.of(libertAi), decision.upstreams());
  }

  @Test
  void theOperatorsPricesCount() {
    ModelSettings settings =
        read(
            Map.of(
                "LIBERCLAW_MODEL_PRICES",
                "{\"glm-4.7\":{\"prompt\":0.0004,\"completion\":1},\"other\":{\"picture\":0.01}}"));
    Upstream libertAi = settings.primary().getFirst();
    assertEquals(
        Optional.of(new Price(1, 1, 1000, 0)), libertAi.model("glm-4.7").orElseThrow().price());
    assertEquals(
        Optional.of(new Price(0, 0, 0, 10_000_000)), libertAi.model("other").orElseThrow().price());
  }

  @Test
  void pricesThatNobodyNamedAreKnownAsAssumed() {
    assertEquals(
        List.of("qwen3-coder-next", "glm-4.7", "claw-flash", "z-image-turbo"),
        ids(read(Map.of()).decide("glm-4.7").assumedPrices()));
    String all =
        "{\"glm-4.7\":{\"prompt\":1,\"completion\":1},\"z-image-turbo\":{\"picture\":0.01}}";
    assertEquals(
        List.of("qwen3-coder-next", "claw-flash"),
        ids(read(Map.of("LIBERCLAW_MODEL_PRICES", all)).decide("glm-4.7").assumedPrices()));
    assertEquals(
        List.of(), read(Map.of("MODEL_PROVIDER", "offline"), true).decide("m").assumedPrices());
  }

  @Test
  void fallbacksAnswerForEveryModel() {
    ModelSettings settings =
        read(
            Map.of(
                "MODEL_PROVIDER", "offline",
                "MODEL_FALLBACKS", "ollama:llama3.2,offline"));
    List<Upstream> used = settings.decide("glm-4.7").upstreams();
    assertEquals(
        List.of(UpstreamKind.OFFLINE, UpstreamKind.OLLAMA, UpstreamKind.OFFLINE),
        used.stream().map(Upstream::kind).toList());
    assertEquals("llama3.2", used.get(1).model("glm-4.7").orElseThrow().asked());
  }

  @Test
  void servicesAreListedAsJsonOrInAFile() throws Exception {
    String json = SERVICE.formatted("https://models.example/v1/");
    Path file = folder.resolve("models.json");
    Files.writeString(file, json);
    for (String value : List.of(json, file.toString())) {
      ModelSettings settings = read(Map.of("LIBERCLAW_MODEL_UPSTREAMS", value));
      Upstream service = settings.primary().getFirst();
      assertEquals("https://models.example/v1", service.baseUrl().toString());
      OfferedModel model = service.model("m").orElseThrow();
      assertEquals("n", model.asked());
      // A tenth of a nano-dollar is one: prices are rounded up.
      assertEquals(Optional.of(new Price(150, 1, 600, 0)), model.price());
      assertEquals(List.of("m"), ids(settings.offered()));
      assertFalse(settings.toString().contains("sk-secret"));
    }
  }

  @Test
  void keysComeFromFilesToo() throws Exception {
    Path key = folder.resolve("key");
    Files.writeString(key, "sk-of-file\n");
    ModelSettings settings = read(Map.of("LIBERCLAW_LIBERTAI_API_KEY_FILE", key.toString()));
    assertEquals(Optional.of("sk-of-file"), settings.primary().getFirst().key());
    String json =
        SERVICE
            .formatted("https://models.example/v1")
            .replace("\"key\":\"sk-secret\"", "\"key_file\":\"" + key + "\"");
    assertEquals(
        Optional.of("sk-of-file"),
        read(Map.of("LIBERCLAW_MODEL_UPSTREAMS", json)).primary().getFirst().key());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://models.example/v1",
        "http://127.0.0.1:9/v1",
        "http://169.254.169.254/v1",
        "http://10.0.0.5:8000/v1",
        "file:///etc/passwd",
        "https://user:pass@models.example/v1",
        "https://models.example/v1?x=y",
        "ftp://models.example",
      })
  void addressesThatAKeyMustNotGoToAreRefused(String address) {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> read(Map.of("LIBERCLAW_MODEL_UPSTREAMS", SERVICE.formatted(address))));
    assertFalse(String.valueOf(e.getMessage()).contains(address), e.getMessage());
    assertFalse(String.valueOf(e.getMessage()).contains("sk-secret"), e.getMessage());
  }

  @Test
  void loopbackIsForDevelopmentAndPrivateHostsForWhoNamesThem() {
    String loopback = SERVICE.formatted("http://127.0.0.1:9/v1");
    assertEquals(1, read(Map.of("LIBERCLAW_MODEL_UPSTREAMS", loopback), true).primary().size());
    ModelSettings named =
        read(
            Map.of(
                "LIBERCLAW_MODEL_UPSTREAMS",
                SERVICE.formatted("http://10.0.0.5:8000/v1"),
                "LIBERCLAW_MODEL_ALLOW_HOSTS",
                "10.0.0.5:8000"));
    assertEquals(1, named.primary().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[{}]",
        "[{\"name\":\"a\",\"kind\":\"magic\"}]",
        "[{\"name\":\"a\",\"kind\":\"offline\"}]",
        "[{\"name\":\"a\",\"kind\":\"offline\",\"others\":{},\"typo\":1}]",
        "[{\"name\":\"A B\",\"kind\":\"offline\",\"others\":{}}]",
        "[{\"name\":\"a\",\"kind\":\"offline\",\"models\":[{\"id\":\"m\",\"price\":{\"prompt\":1}}]}]",
        "[{\"name\":\"a\",\"kind\":\"offline\",\"models\":[{\"id\":\"m\",\"price\":{\"prompt\":-1,"
            + "\"completion\":1}}]}]",
        "[{\"name\":\"a\",\"kind\":\"offline\",\"models\":[{\"id\":\"m\"},{\"id\":\"m\"}]}]",
        "[{\"name\":\"a\",\"kind\":\"offline\",\"others\":{},\"key\":\"x\",\"key_file\":\"y\"}]",
        "[{\"name\":\"a\",\"kind\":\"offline\",\"others\":{},\"concurrency\":0}]",
        "/nonexistent/file",
        "[oops",
      })
  void aListThatIsWrongIsRefused(String json) {
    ConfigException e =
        assertThrows(ConfigException.class, () -> read(Map.of("LIBERCLAW_MODEL_UPSTREAMS", json)));
    assertEquals(1, e.problems().size(), e.problems().toString());
    assertTrue(e.problems().getFirst().startsWith("LIBERCLAW_MODEL_UPSTREAMS "));
  }
}
