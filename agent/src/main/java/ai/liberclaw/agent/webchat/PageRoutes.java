package ai.liberclaw.agent.webchat;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.util.Set;

/** The chat page at {@code /}. Its files are for anybody; what it shows needs the secret. */
public final class PageRoutes {
  /** What the secret is not asked for. */
  public static final Set<String> PUBLIC_PATHS =
      Set.of("/", "/index.html", "/favicon.ico", "/manifest.json", "/assets/*");

  private final PageFiles files;

  public PageRoutes(WebSettings settings) {
    this.files = settings.build().<PageFiles>map(OwnerBuild::new).orElseGet(OwnPage::new);
  }

  public void register(Router router) {
    for (String name : Set.of("index.html", "favicon.ico", "manifest.json")) {
      router.get("/" + name, exchange -> send(exchange, name));
    }
    router
        .get("/", exchange -> send(exchange, "index.html"))
        .get("/assets/{path...}", exchange -> send(exchange, "assets/" + exchange.path("path")));
  }

  private void send(Exchange exchange, String path) throws IOException {
    PageFile file = files.find(path).orElseThrow(() -> new Refusal(404, Router.NOT_FOUND));
    exchange
        .header("Content-Security-Policy", files.policy())
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin");
    file.send(exchange);
  }
}
