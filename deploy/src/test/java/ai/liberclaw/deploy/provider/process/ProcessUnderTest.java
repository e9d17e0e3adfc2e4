package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.StandInAgent;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.deploy.provider.Shell;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Agents as children of this process, of two installations in one directory. */
final class ProcessUnderTest implements ProviderUnderTest {
  private final Path data;
  private final Path files;
  private final ProcessProvider provider;
  private final ProcessProvider stranger;

  ProcessUnderTest(Path directory, UUID installation) {
    data = directory.resolve("data");
    files = directory.resolve("release");
    provider = provider(installation);
    stranger = provider(UUID.randomUUID());
  }

  private ProcessProvider provider(UUID installation) {
    return new ProcessProvider(
        new ProcessProvider.Settings(
            data,
            installation,
            new AgentRelease(files),
            new ModelAccess(Map.of("MODEL_PROVIDER", "offline", "LIBERTAI_API_KEY", KEY)),
            _ -> Optional.empty(),
            _ -> Optional.of(SKILL),
            Map.of("PATH", "/usr/bin:/bin")));
  }

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public Provider stranger() {
    return stranger;
  }

  @Override
  public void reset() {}

  @Override
  public String release(String version) {
    try {
      return new AgentRelease(StandInAgent.release(files, version)).id();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Map<String, String> variables(Instance instance) {
    try {
      Path environment = Path.of("/proc", instance.handle().path("pid").asText(), "environ");
      Map<String, String> variables = new HashMap<>();
      for (String variable :
          Files.readString(environment, StandardCharsets.UTF_8).split("\0", -1)) {
        int equals = variable.indexOf('=');
        if (equals > 0) {
          variables.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
      }
      String file = variables.get("AGENT_CONFIG_FILE");
      if (file != null) {
        Json.parse(Files.readAllBytes(Path.of(file)))
            .properties()
            .forEach(v -> variables.putIfAbsent(v.getKey(), v.getValue().asText()));
      }
      return variables;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String inside(Instance instance, String script) {
    return Shell.run(directory(instance.agentId()), script);
  }

  @Override
  public int running(UUID agentId) {
    String mark = "-Djava.io.tmpdir=" + directory(agentId).resolve("tmp");
    return (int)
        Processes.mentioning(mark).stream()
            .filter(pid -> Processes.arguments(pid).contains(mark))
            .count();
  }

  @Override
  public List<String> left(UUID agentId) {
    List<String> left = new ArrayList<>();
    for (Path folder : List.of(data.resolve("agents"), data.resolve("releases"))) {
      if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        try (Stream<Path> entries = Files.list(folder)) {
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> name.contains(agentId.toString()))
              .forEach(left::add);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return left;
  }

  @Override
  public boolean keyInEnvironment() {
    return true;
  }

  @Override
  public void close() {}

  private Path directory(UUID agentId) {
    return data.resolve("agents").resolve(agentId.toString());
  }
}
