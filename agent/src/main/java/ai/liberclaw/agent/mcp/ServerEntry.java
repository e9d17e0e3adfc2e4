package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.config.EnvReader;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads one server of the configuration; every problem names its place, none a value. */
final class ServerEntry {
  /** Leaves room for names of tools, which have 64 characters with it. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,32}");

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** RFC 9110, section 5.6.2. */
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

  /** Visible characters, blanks between them. */
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7e\\t]*");

  private final EnvReader env;
  private final String place;
  private final JsonNode entry;
  private boolean wrong;

  /**
   * @param place such as {@code MCP_SERVERS[0]}
   */
  ServerEntry(EnvReader env, String place, JsonNode entry) {
    this.env = env;
    this.place = place;
    this.entry = entry;
  }

  /** The server; empty when there are problems. */
  Optional<ServerSettings> read() {
    if (!entry.isObject()) {
      env.problem(place, "must be a JSON object");
      return Optional.empty();
    }
    String name = entry.path("name").asText();
    if (!entry.path("name").isTextual() || !NAME.matcher(name).matches()) {
      problem("name", "must be 1 to 32 letters, digits, '_' or '-'");
    }
    ServerSettings server =
        switch (entry.path("transport").asText("stdio")) {
          case "stdio" -> stdio(name);
          case "http" -> http(name);
          default -> {
            problem("transport", "must be stdio or http");
            yield new ServerSettings.Stdio(name, "", List.of(), Map.of());
          }
        };
    return wrong ? Optional.empty() : Optional.of(server);
  }

  void problem(String field, String text) {
    wrong = true;
    env.problem(place + "." + field, text);
  }

  private ServerSettings stdio(String name) {
    String command = entry.path("command").asText();
    if (!entry.path("command").isTextual() || command.isBlank() || command.indexOf('\0') >= 0) {
      problem("command", "must be the name of a program");
    }
    List<String> args = new ArrayList<>();
    JsonNode given = entry.path("args");
    boolean right = given.isMissingNode() || given.isNull() || given.isArray();
    for (JsonNode arg : given) {
      right = right && arg.isTextual() && arg.asText().indexOf('\0') < 0;
      args.add(arg.asText());
    }
    if (!right) {
      problem("args", "must be an array of strings");
    }
    Map<String, String> environment = strings("env");
    environment.forEach((variable, value) -> {
      if (!VARIABLE.matcher(variable).matches() || value.indexOf('\0') >= 0) {
        problem("env", "must have names of letters, digits and '_', and values without NUL");
      }
    });
    return new ServerSettings.Stdio(name, command, args, environment);
  }

  private ServerSettings http(String name) {
    URI url = URI.create("http://invalid/");
    try {
      url = new URI(entry.path("url").asText());
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (!web || url.getHost() == null) {
        problem("url", "must be an http or https address");
      } else if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
        problem("url", "must have no user name, password or fragment; use headers");
      }
    } catch (URISyntaxException _) {
      problem("url", "must be an http or https address");
    }
    Map<String, String> headers = strings("headers");
    headers.forEach((header, value) -> {
      if (!HEADER.matcher(header).matches() || !HEADER_VALUE.matcher(value).matches()) {
        problem("headers", "must have header names, and values in ASCII without line breaks");
      }
    });
    return new ServerSettings.Http(name, url, headers);
  }

  private Map<String, String> strings(String field) {
    JsonNode given = entry.path(field);
    Map<String, String> strings = new LinkedHashMap<>();
    boolean right = given.isMissingNode() || given.isNull() || given.isObject();
    for (Map.Entry<String, JsonNode> value : given.properties()) {
      right = right && value.getValue().isTextual();
      strings.put(value.getKey(), value.getValue().asText());
    }
    if (!right) {
      problem(field, "must be an object whose values are strings");
    }
    return strings;
  }
}
