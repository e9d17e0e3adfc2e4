package ai.liberclaw.agent.download;

import ai.liberclaw.agent.auth.Secret;
import ai.liberclaw.agent.workspace.FileRoutes;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;

/**
 * {@code POST /files/token} makes a link to a file, {@code GET /dl/{token}} serves it to anybody
 * who has the link.
 */
public final class DownloadRoutes {
  /** What the secret is not asked for. */
  public static final String PUBLIC_PATHS = "/dl/*";

  static final Duration VALID = Duration.ofMinutes(5);

  /** Code points of a path. */
  private static final int PATH_LENGTH_MAX = 4096;

  private static final int BODY_BYTES_MAX = 64 * 1024;

  private final Workspace workspace;
  private final FileRoutes files;
  private final Secret secret;
  private final InstantSource clock;

  public DownloadRoutes(Workspace workspace, FileRoutes files, Secret secret, InstantSource clock) {
    this.workspace = workspace;
    this.files = files;
    this.secret = secret;
    this.clock = clock;
  }

  public void register(Router router) {
    router.post("/files/token", this::token).get("/dl/{token}", this::download);
  }

  private void token(Exchange exchange) throws IOException {
    Fields body = exchange.json(BODY_BYTES_MAX);
    String path = body.text("path", 1, PATH_LENGTH_MAX);
    body.check();
    try {
      // A link that could only be refused is refused now.
      workspace.open(path).close();
    } catch (WorkspaceRefusal e) {
      throw new Refusal(403, e.text());
    }
    DownloadToken token = new DownloadToken(path, now() + VALID.toSeconds());
    exchange.send(
        Json.object().put("token", token.sign(secret)).put("expires_in", VALID.toSeconds()));
  }

  private void download(Exchange exchange) throws IOException {
    DownloadToken token = DownloadToken.verify(exchange.path("token"), secret, now());
    // Whatever the file is, it must not act as a page of this origin.
    exchange.header("Content-Security-Policy", "sandbox; default-src 'none'");
    exchange.header("Cache-Control", "private, no-store");
    exchange.header("Referrer-Policy", "no-referrer");
    files.send(exchange, token.path());
  }

  private long now() {
    return clock.instant().getEpochSecond();
  }
}
