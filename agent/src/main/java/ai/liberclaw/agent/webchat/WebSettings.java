package ai.liberclaw.agent.webchat;

import ai.liberclaw.core.config.EnvReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How browsers meet the agent.
 *
 * @param page whether there is a page at {@code /}
 * @param build the folder of an own build that is served in place of the agent's page
 * @param origins that may read answers; {@code *} is any
 */
public record WebSettings(boolean page, Optional<Path> build, List<String> origins) {
  static final String ANY_ORIGIN = "*";

  private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#\\s]+");

  public WebSettings {
    origins = List.copyOf(origins);
  }

  public static WebSettings fromEnv(EnvReader read) {
    boolean page = read.flag("LOCAL_UI_ENABLED", true, "serve the chat page at /");
    Optional<Path> build =
        read.optional(
                "LOCAL_UI_DIST_PATH", "folder with an own build of the page, index.html in it")
            .map(Path::of);
    if (build.filter(folder -> !Files.isRegularFile(folder.resolve("index.html"))).isPresent()) {
      read.problem("LOCAL_UI_DIST_PATH", "must be a folder that has an index.html");
    }
    List<String> origins =
        read.list(
            "LOCAL_UI_CORS_ORIGINS",
            List.of(),
            "origins whose pages may use the agent, beside its own AGENT_FQDN; * is any");
    if (!origins.stream().allMatch(o -> o.equals(ANY_ORIGIN) || ORIGIN.matcher(o).matches())) {
      read.problem("LOCAL_UI_CORS_ORIGINS", "must be * or origins such as https://example.org");
    }
    return new WebSettings(page, build, origins);
  }
}
