package ai.liberclaw.deploy.inference;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The gateway to models as agents of one kind of place see it. */
public sealed interface Gateway {
  /** Below the gateway's origin: what OpenAI's clients take for the base of the API. */
  String OPENAI_PATH = "/api/v1/inference/v1";

  /** Below the gateway's origin: what agents' search of the web is asked from. */
  String SEARCH_PATH = "/api/v1/inference";

  /**
   * Its scheme, host and port.
   *
   * @throws NoGatewayException when there is none
   */
  URI origin() throws InterruptedException;

  /** Why agents there cannot reach it, for the operator. */
  default Optional<String> missing() {
    return Optional.empty();
  }

  /** At an address the operator named. */
  record At(URI origin) implements Gateway {}

  /** None that agents there could reach. */
  record Nowhere(String reason) implements Gateway {
    @Override
    public URI origin() {
      throw new NoGatewayException(reason, false);
    }

    @Override
    public Optional<String> missing() {
      return Optional.of(reason);
    }
  }

  /** On this machine, from when this server listens until it ends. */
  final class Here implements Gateway {
    /** Servers listen sooner. */
    static final Duration WAIT_MAX = Duration.ofSeconds(30);

    private final CompletableFuture<URI> opened = new CompletableFuture<>();
    private final Duration waitMax;

    public Here() {
      this(WAIT_MAX);
    }

    Here(Duration waitMax) {
      this.waitMax = waitMax;
    }

    public void opened(URI origin) {
      opened.complete(origin);
    }

    /** Lets go of those who still wait. */
    public void closed() {
      opened.completeExceptionally(new IllegalStateException("ended before it listened"));
    }

    @Override
    public URI origin() throws InterruptedException {
      try {
        return opened.get(waitMax.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException _) {
        throw new NoGatewayException("This server does not listen yet.", true);
      }
    }
  }
}
