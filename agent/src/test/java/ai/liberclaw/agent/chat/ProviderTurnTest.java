package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole turns with tools, whoever runs the model. */
@Timeout(30)
final class ProviderTurnTest {
  private final ModelServer model = ModelServer.start();

  @TempDir Path folder;

  @AfterEach
  void close() {
    model.close();
  }

  private Map<String, String> variables(String provider) {
    Map<String, String> variables = new HashMap<>(TestAgent.asking(model));
    variables.put("MODEL_PROVIDER", provider);
    variables.put("OLLAMA_BASE_URL", model.url());
    variables.put("ANTHROPIC_BASE_URL", model.url());
    variables.put("ANTHROPIC_API_KEY", "another-key-for-tests");
    return variables;
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "ollama", "anthropic"})
  void toolsRunAndTheirResultsComeBack(String provider) throws IOException {
    model.install("qwen3-coder-next:latest", 40_000, "completion", "tools");
    try (TestAgent agent = TestAgent.start(folder, variables(provider))) {
      String message = TestAgent.bash("echo one") + "\n" + TestAgent.bash("echo two");
      for (int i = 0; i < 2; i++) {
        try (RawResponse stream = agent.say("c", message)) {
          String text = stream.until("text").content();
          assertTrue(text.contains("one") && text.contains("two"), text);
          stream.until("done");
        }
      }
    }
    assertEquals(List.of(), model.violations());
  }

  @Test
  void aFallbackAnswersWhenTheProviderFails() throws IOException {
    Map<String, String> variables = variables("openai");
    variables.put("LIBERTAI_API_BASE_URL", "http://127.0.0.1:1/v1");
    variables.put("MODEL_FALLBACKS", "anthropic:claude-test");
    model.respond(request -> ModelAnswer.text("I am " + request.path("model").asText()));
    try (TestAgent agent = TestAgent.start(folder, variables);
        RawResponse stream = agent.say("c", "Who are you?")) {
      assertEquals("I am claude-test", stream.until("text").content());
      stream.until("done");
    }
  }
}
