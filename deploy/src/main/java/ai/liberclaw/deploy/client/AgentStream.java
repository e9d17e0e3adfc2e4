package ai.liberclaw.deploy.client;

import io.helidon.webclient.api.HttpClientResponse;
import java.io.InputStream;

/**
 * An open stream of an agent's events. Interrupting the thread that reads it frees that thread;
 * closing it before its end closes the connection, and the agent notices.
 */
public final class AgentStream implements AutoCloseable {
  private final HttpClientResponse response;
  private final InputStream body;

  AgentStream(HttpClientResponse response) {
    this.response = response;
    this.body = response.inputStream();
  }

  public InputStream body() {
    return body;
  }

  @Override
  public void close() {
    try {
      response.close();
    } catch (RuntimeException _) {
      // A connection that is broken already can't be closed worse.
    }
  }
}
