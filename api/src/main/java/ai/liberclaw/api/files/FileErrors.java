package ai.liberclaw.api.files;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.client.AgentException;
import java.util.Map;

/**
 * What a client is told when its agent gave no file. An agent's 401 never reaches the app, which
 * would refresh its token and ask again for ever.
 */
final class FileErrors {
  /** Seconds after which a busy agent may be asked again. */
  private static final Map<String, String> SOON = Map.of("Retry-After", "5");

  private FileErrors() {}

  static Refusal notFound() {
    return new Refusal(404, "File not found");
  }

  static Refusal tooLarge() {
    return new Refusal(413, "Request body too large");
  }

  /**
   * @param text what is said of a status of the agent's
   */
  static Refusal of(AgentException e, String text) {
    return switch (e.kind()) {
      case SILENT -> new Refusal(504, "Agent did not answer in time");
      case UNREACHABLE, LOST -> new Refusal(502, "Could not reach agent");
      case TOO_LARGE, NOT_JSON -> new Refusal(502, text);
      case STATUS ->
          switch (e.status()) {
            case 403, 404 -> new Refusal(404, text);
            case 413 -> tooLarge();
            case 429 -> new Refusal(e.status(), text, SOON);
            case 400, 409, 422 -> new Refusal(e.status(), text);
            default -> new Refusal(502, text);
          };
    };
  }
}
