package ai.liberclaw.agent.webchat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The page that the agent brings with it. Read from the jar when somebody first asks. */
final class OwnPage implements PageFiles {
  /** No folders and no dots but one: nothing else of the class path can be meant. */
  private static final Pattern NAME = Pattern.compile("[a-z][a-z-]*\\.(html|css|js|json|svg)");

  private static final String ASSETS = "assets/";

  private final Map<String, PageFile> read = new ConcurrentHashMap<>();

  @Override
  public Optional<PageFile> find(String path) throws IOException {
    String name =
        switch (path) {
          case "index.html", "manifest.json" -> path;
          case "favicon.ico" -> "icon.svg";
          default -> path.startsWith(ASSETS) ? path.substring(ASSETS.length()) : "";
        };
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    PageFile known = read.get(name);
    if (known != null) {
      return Optional.of(known);
    }
    try (InputStream in = OwnPage.class.getResourceAsStream(name)) {
      if (in == null) {
        return Optional.empty();
      }
      PageFile file = new PageFile(name, in.readAllBytes());
      read.put(name, file);
      return Optional.of(file);
    }
  }

  @Override
  public String policy() {
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
        + " media-src blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
        + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
  }
}
