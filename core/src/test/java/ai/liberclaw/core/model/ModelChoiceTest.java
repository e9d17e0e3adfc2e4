package ai.liberclaw.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelChoiceTest {
  private final Map<String, List<String>> installed = new LinkedHashMap<>();
  private HttpServer ollama;

  @BeforeEach
  void start() throws IOException {
    ollama = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    ollama.createContext(
        "/api/tags",
        exchange -> {
          ObjectNode body = Json.object();
          ArrayNode models = body.putArray("models");
          installed.keySet().forEach(name -> models.addObject().put("name", name));
          send(exchange, body);
        });
    ollama.createContext(
        "/api/show",
        exchange -> {
          String model =
              Json.parse(exchange.getRequestBody().readAllBytes()).path("model").asText();
          ObjectNode body = Json.object();
          ArrayNode capabilities = body.putArray("capabilities");
          installed.getOrDefault(model, List.of()).forEach(capabilities::add);
          body.putObject("model_info")
              .put("general.architecture", "llama")
              .put("llama.context_length", 131_072);
          send(exchange, body);
        });
    ollama.start();
  }

  @AfterEach
  void stop() {
    ollama.stop(0);
  }

  private static void send(HttpExchange exchange, ObjectNode body) throws IOException {
    byte[] bytes = Json.writeBytes(body);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private ModelChoice choose(String provider, boolean key, String ollamaModel) {
    String url = "http://127.0.0.1:" + ollama.getAddress().getPort();
    return ModelChoice.of(
        new ModelChoice.Settings(provider, key, url, ollamaModel, "qwen3-coder-next"));
  }

  private static void assertChoice(ModelProvider provider, String model, ModelChoice choice) {
    assertEquals(provider, choice.provider());
    assertEquals(model, choice.model());
    assertTrue(choice.reason().endsWith("."));
  }

  @Test
  void autoTakesAKeyFirst() {
    installed.put("llama3.2:latest", List.of("tools"));
    assertChoice(ModelProvider.OPENAI, "qwen3-coder-next", choose("auto", true, ""));
  }

  @Test
  void autoTakesAnOllamaThatAnswers() {
    installed.put("gemma:2b", List.of("completion"));
    installed.put("llama3.2:latest", List.of("completion", "tools"));
    assertChoice(ModelProvider.OLLAMA, "llama3.2:latest", choose("auto", false, ""));
  }

  @Test
  void ollamaPrefersTheAgentsModelThenTheNamedOne() {
    installed.put("other:latest", List.of("tools"));
    installed.put("named:latest", List.of());
    assertChoice(ModelProvider.OLLAMA, "named:latest", choose("ollama", true, "named"));
    installed.put("qwen3-coder-next:latest", List.of());
    assertChoice(ModelProvider.OLLAMA, "qwen3-coder-next:latest", choose("ollama", true, "named"));
  }

  @Test
  void autoFallsBackToTheDemoAndSaysWhy() throws Exception {
    installed.put("gemma:2b", List.of("completion"));
    ModelChoice choice = choose("auto", false, "");
    assertChoice(ModelProvider.OFFLINE, "offline-demo", choice);
    assertTrue(choice.reason().contains("ollama pull"), choice.reason());

    ollama.stop(0);
    assertChoice(ModelProvider.OFFLINE, "offline-demo", choose("auto", false, ""));
  }

  @Test
  void aSilentOllamaCostsASecond() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      long start = System.nanoTime();
      ModelChoice choice =
          ModelChoice.of(
              new ModelChoice.Settings(
                  "auto", false, "http://127.0.0.1:" + silent.getLocalPort(), "", "m"));
      assertEquals(ModelProvider.OFFLINE, choice.provider());
      assertTrue(System.nanoTime() - start < 4_000_000_000L);
    }
  }

  @Test
  void ollamaWithoutAModelThatFitsIsRefused() {
    installed.put("gemma:2b", List.of("completion"));
    ConfigException refused =
        assertThrows(ConfigException.class, () -> choose("ollama", false, ""));
    assertTrue(String.valueOf(refused.getMessage()).contains("qwen3-coder-next"));
  }

  @Test
  void anOllamaThatIsDownMayComeUpLater() {
    ollama.stop(0);
    assertChoice(ModelProvider.OLLAMA, "named", choose("ollama", false, "named"));
  }

  @Test
  void openAiNeedsAKey() {
    assertThrows(ConfigException.class, () -> choose("openai", false, ""));
  }

  @Test
  void anthropicIsTakenAtItsWord() {
    assertChoice(ModelProvider.ANTHROPIC, "qwen3-coder-next", choose("anthropic", false, ""));
  }

  @Test
  void ollamaTellsWhatAModelCanDo() {
    installed.put("llama3.2:latest", List.of("completion", "tools"));
    Ollama asked = new Ollama("http://127.0.0.1:" + ollama.getAddress().getPort() + "/");
    Ollama.Abilities abilities = asked.abilities("llama3.2:latest").orElseThrow();
    assertTrue(abilities.can("tools"));
    assertFalse(abilities.can("vision"));
    assertEquals(OptionalInt.of(131_072), abilities.contextTokens());
  }
}
