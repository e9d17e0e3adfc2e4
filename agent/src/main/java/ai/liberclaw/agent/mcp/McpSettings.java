package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The MCP servers of an agent, in the order in which their tools are offered. */
public record McpSettings(List<ServerSettings> servers) {
  static final int SERVERS_MAX = 32;
  private static final String PLAIN = "MCP_SERVERS";
  private static final String BASE64 = "MCP_SERVERS_B64";
  private static final Logger LOG = System.getLogger(McpSettings.class.getName());

  public McpSettings {
    servers = List.copyOf(servers);
  }

  /** Reads the variables and notes their problems in the reader, without values. */
  public static McpSettings fromEnv(EnvReader env) {
    Optional<String> plain = env.optional(PLAIN, "JSON array of MCP servers whose tools it has");
    Optional<String> decoded =
        env.optional(BASE64, "the same in base64, preferred").flatMap(McpSettings::decode);
    String variable = decoded.isPresent() ? BASE64 : PLAIN;
    return decoded
        .or(() -> plain)
        .map(json -> parse(env, variable, json))
        .orElse(new McpSettings(List.of()));
  }

  /** What must appear in no output: the values given to servers. */
  public List<String> secrets() {
    return servers.stream().flatMap(McpSettings::secrets).distinct().toList();
  }

  private static Stream<String> secrets(ServerSettings server) {
    return switch (server) {
      case ServerSettings.Stdio stdio -> stdio.environment().values().stream();
      case ServerSettings.Http http ->
          Stream.concat(
              // A header such as "Bearer <key>" is a secret as a whole, and so is its key alone.
              http.headers().entrySet().stream()
                  .filter(header -> !HttpHeaders.isOwn(header.getKey()))
                  .map(Map.Entry::getValue)
                  .flatMap(value -> Stream.concat(Stream.of(value), words(value, "\\s+"))),
              words(http.url().getRawQuery(), "[&=]"));
    };
  }

  private static Stream<String> words(@Nullable String text, String separator) {
    return text == null ? Stream.empty() : Stream.of(text.split(separator));
  }

  /** Standard base64 of UTF-8; empty, with a warning, when it is not that. */
  private static Optional<String> decode(String base64) {
    try {
      byte[] utf8 = Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (IllegalArgumentException | CharacterCodingException _) {
      LOG.log(Level.WARNING, "config.mcp_servers_undecodable name=" + BASE64);
      return Optional.empty();
    }
  }

  private static McpSettings parse(EnvReader env, String variable, String json) {
    JsonNode array;
    try {
      array = Json.parse(json);
    } catch (JsonException _) {
      env.problem(variable, "must be a JSON array");
      return new McpSettings(List.of());
    }
    if (!array.isArray()) {
      env.problem(variable, "must be a JSON array");
      return new McpSettings(List.of());
    }
    if (array.size() > SERVERS_MAX) {
      env.problem(variable, "must name at most " + SERVERS_MAX + " servers");
    }
    List<ServerSettings> servers = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (int i = 0; i < array.size(); i++) {
      ServerEntry entry = new ServerEntry(env, variable + "[" + i + "]", array.get(i));
      Optional<ServerSettings> server = entry.read();
      if (server.isPresent() && !names.add(server.get().name())) {
        entry.problem("name", "is another server's already");
      }
      server.ifPresent(servers::add);
    }
    return new McpSettings(servers);
  }
}
