package ai.liberclaw.agent;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.DotEnv;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The variables an agent is configured by: those of the process, then those of {@code
 * AGENT_CONFIG_FILE}, then those of {@code .env}; whoever names one first wins.
 */
final class Environment {
  static final String CONFIG_FILE = "AGENT_CONFIG_FILE";

  private Environment() {}

  /**
   * @throws ConfigException when one of the files is there but cannot be read
   */
  static Map<String, String> read(Map<String, String> process, Path workingDirectory) {
    Map<String, String> file =
        named(process, CONFIG_FILE).map(Environment::configFile).orElse(Map.of());
    Map<String, String> merged = new LinkedHashMap<>(file);
    process.forEach((name, value) -> {
      merged.keySet().removeIf(name::equalsIgnoreCase);
      merged.put(name, value);
    });
    return DotEnv.merge(merged, workingDirectory.resolve(".env"));
  }

  private static Optional<String> named(Map<String, String> variables, String name) {
    return variables.entrySet().stream()
        .filter(v -> v.getKey().equalsIgnoreCase(name) && !v.getValue().isBlank())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Map<String, String> configFile(String path) {
    JsonNode json;
    try {
      json = Json.parse(Files.readAllBytes(Path.of(path)));
    } catch (IOException | InvalidPathException _) {
      throw new ConfigException(List.of(CONFIG_FILE + " names a file that cannot be read"));
    } catch (JsonException _) {
      throw new ConfigException(List.of(CONFIG_FILE + " names a file that is not JSON"));
    }
    if (!json.isObject()) {
      throw new ConfigException(List.of(CONFIG_FILE + " must hold a JSON object"));
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> variable : json.properties()) {
      if (!variable.getValue().isTextual()) {
        throw new ConfigException(
            List.of(CONFIG_FILE + ": " + variable.getKey() + " must be a string"));
      }
      variables.put(variable.getKey(), variable.getValue().textValue());
    }
    return variables;
  }
}
