package ai.liberclaw.agent.model;

import io.helidon.webclient.api.WebClient;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;

/** A model behind an HTTP API, whichever {@link Wire} it speaks. Connections are pooled here. */
public final class HttpModel implements Model {
  private final WebClient client;
  private final Wire wire;
  private final String model;
  private final Patience patience;

  /** Less than all once the server has refused the rest. */
  private volatile Mode mode = Mode.FULL;

  HttpModel(Wire wire, String model, Patience patience) {
    Duration silence = wire.silenceMax(patience.idleTimeout());
    Duration connect = wire.connectMax();
    this.client =
        WebClient.builder()
            .followRedirects(false)
            .shareConnectionCache(false)
            .socketOptions(options -> options.tcpNoDelay(true))
            .connectTimeout(silence.compareTo(connect) < 0 ? silence : connect)
            .readTimeout(silence)
            .build();
    this.wire = wire;
    this.model = model;
    this.patience = patience;
  }

  @Override
  public String provider() {
    return wire.provider();
  }

  @Override
  public String name() {
    return model;
  }

  @Override
  public OptionalInt windowTokens() {
    return wire.windowTokens();
  }

  @Override
  public Reply reply(ModelRequest request, ReplyListener listener)
      throws ModelException, InterruptedException {
    Optional<Semaphore> turnstile = wire.turnstile();
    if (turnstile.isEmpty()) {
      return new HttpCall(this, request, listener).reply();
    }
    // Waiting here is no fault of the server's; the bounds count from the first attempt.
    turnstile.get().acquire();
    try {
      return new HttpCall(this, request, listener).reply();
    } finally {
      turnstile.get().release();
    }
  }

  /** Whether the model can see, where its server tells. */
  Optional<Boolean> sees() {
    return wire.sees();
  }

  WebClient client() {
    return client;
  }

  Wire wire() {
    return wire;
  }

  Patience patience() {
    return patience;
  }

  Mode mode() {
    return mode;
  }

  /** What the server has just answered in, for the next calls. */
  void remember(Mode working) {
    if (!working.equals(mode)) {
      mode = working;
    }
  }
}
