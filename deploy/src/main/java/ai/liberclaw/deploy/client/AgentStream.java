package ai.liberclaw.deploy.client;

import ai.liberclaw.core.watch.WaitTimeout;
import io.helidon.webclient.api.HttpClientResponse;
import java.io.InputStream;

/**
 * An open stream of an agent's events. Interrupting the thread that reads it frees that thread;
 * closing it before its end closes the connection, and the agent notices.
 */
public final class AgentStream implements AutoCloseable {
  private final HttpClientResponse response;
  private final InputStream body;
  private final WaitTimeout silence;

  /**
   * @param silence bounds each read; closed with the stream
   */
  AgentStream(HttpClientResponse response, WaitTimeout silence) {
    this.response = response;
    this.body = silence.bound(response.inputStream());
    this.silence = silence;
  }

  public InputStream body() {
    return body;
  }

  @Override
  public void close() {
    silence.close();
    try {
      response.close();
    } catch (RuntimeException _) {
      // A connection that is broken already can't be closed worse.
    }
  }
}
