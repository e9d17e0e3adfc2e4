package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlPlaneConfigTest {
  private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  @Test
  void developmentMeansProcessesAndWhateverModelThereIs() {
    ControlPlaneConfig config =
        read(Map.of("LIBERCLAW_DEV_MODE", "true", "LIBERCLAW_ENCRYPTION_KEY", KEY));
    assertEquals(List.of("process"), config.providers());
    assertEquals("auto", config.models().variables().get("MODEL_PROVIDER"));
    ControlPlaneConfig production = read(Map.of("LIBERCLAW_ENCRYPTION_KEY", KEY));
    assertEquals(List.of("aleph"), production.providers());
    assertEquals("openai", production.models().variables().get("MODEL_PROVIDER"));
  }

  @Test
  void allProblemsAreToldAtOnceAndNoValue() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    Map.of(
                        "LIBERCLAW_ENCRYPTION_KEY", "short-key",
                        "LIBERCLAW_PROVIDERS", "cloud9",
                        "LIBERCLAW_PRO_MAX_AGENTS", "many")));
    assertEquals(3, e.problems().size(), e.problems().toString());
    assertFalse(String.valueOf(e.getMessage()).contains("short-key"));
  }

  @Test
  void theModelKeyIsNotShown() {
    ControlPlaneConfig config =
        read(Map.of("LIBERCLAW_ENCRYPTION_KEY", KEY, "LIBERTAI_API_KEY", "sk-secret-value"));
    assertTrue(config.models().variables().containsValue("sk-secret-value"));
    assertFalse(config.toString().contains("sk-secret-value"));
  }

  private static ControlPlaneConfig read(Map<String, String> environment) {
    EnvReader reader = new EnvReader(environment);
    ControlPlaneConfig config = ControlPlaneConfig.read(reader);
    reader.throwIfProblems();
    return config;
  }
}
