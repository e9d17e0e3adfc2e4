package ai.liberclaw.agent.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class McpSettingsTest {
  private static McpSettings read(Map<String, String> variables) {
    EnvReader env = new EnvReader(variables);
    McpSettings settings = McpSettings.fromEnv(env);
    env.throwIfProblems();
    return settings;
  }

  private static McpSettings read(String json) {
    return read(Map.of("MCP_SERVERS", json));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void bothKindsOfServersAreRead() {
    McpSettings settings =
        read(
            """
            [{"name":"files","command":"npx","args":["-y","server"],"env":{"TOKEN":"t-12345678"}},
             {"name":"web","transport":"http","url":"https://a.example/mcp?key=k-12345678",
              "headers":{"Authorization":"Bearer b-12345678","Accept":"application/json"}}]
            """);
    assertEquals(
        List.of(
            new ServerSettings.Stdio(
                "files", "npx", List.of("-y", "server"), Map.of("TOKEN", "t-12345678")),
            new ServerSettings.Http(
                "web",
                URI.create("https://a.example/mcp?key=k-12345678"),
                Map.of("Authorization", "Bearer b-12345678", "Accept", "application/json"))),
        settings.servers());
    assertTrue(
        settings
            .secrets()
            .containsAll(List.of("t-12345678", "Bearer b-12345678", "b-12345678", "k-12345678")));
    assertFalse(settings.secrets().contains("application/json"), "it is never sent");
    assertFalse(settings.toString().contains("12345678"), "no value is in its text");
  }

  @Test
  void noVariableIsNoServer() {
    assertEquals(List.of(), read(Map.of()).servers());
  }

  @Test
  void base64IsPreferredUnlessItIsBroken() {
    String other = "[{\"name\":\"other\",\"command\":\"c\"}]";
    for (Map.Entry<String, String> form :
        Map.of(base64("[{\"name\":\"b\",\"command\":\"c\"}]"), "b", "*", "other", "/w==", "other")
            .entrySet()) {
      assertEquals(
          form.getValue(),
          read(Map.of("MCP_SERVERS", other, "MCP_SERVERS_B64", form.getKey()))
              .servers()
              .getFirst()
              .name());
    }
  }

  @Test
  void allProblemsAreNamedByPlaceAndWithoutValues() {
    ConfigException refused =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    """
                    [{"name":"bad value","command":"","args":"bad value","env":{"bad value":1}},
                     {"name":"web","transport":"http","url":"ftp://bad.value/","headers":[]},
                     {"name":"u","transport":"http","url":"https://bad:value@h/",
                      "headers":{"A":"bad\\nvalue"}},
                     {"name":"t","transport":"bad value"}, "bad value",
                     {"name":"same","command":"c"}, {"name":"same","command":"c"}]
                    """));
    String text = String.join("\n", refused.problems());
    for (String place :
        List.of(
            "[0].name",
            "[0].command",
            "[0].args",
            "[0].env",
            "[1].url",
            "[1].headers",
            "[2].url",
            "[2].headers",
            "[3].transport",
            "[4] must",
            "[6].name")) {
      assertTrue(text.contains("MCP_SERVERS" + place), place + " in\n" + text);
    }
    assertFalse(text.contains("bad") || text.contains("ftp"), text);
    for (String wrong : List.of("{}", "[", "[" + "{},".repeat(40) + "{}]")) {
      assertThrows(ConfigException.class, () -> read(wrong));
    }
  }
}
