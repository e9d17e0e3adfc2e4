package ai.liberclaw.deploy.budget;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is held back for one call. It ends by {@link #settle}, {@link #release} or, when neither was
 * called, by {@link #close}, which settles what was streamed. Threads may share it.
 */
public final class Reservation implements Grant, AutoCloseable {
  private final UUID id;
  private final Price price;
  private final long promptTokensLikely;
  private final long completionTokensMax;
  private final Optional<OwnKey> ownKey;
  private final Settler settler;
  private final AtomicLong streamed = new AtomicLong();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean lost;

  Reservation(
      UUID id,
      Price price,
      long promptTokensLikely,
      long completionTokensMax,
      Optional<OwnKey> ownKey,
      Settler settler) {
    this.id = id;
    this.price = price;
    this.promptTokensLikely = promptTokensLikely;
    this.completionTokensMax = completionTokensMax;
    this.ownKey = ownKey;
    this.settler = settler;
  }

  public UUID id() {
    return id;
  }

  /** The answer may have as many tokens; fewer than were asked for when little is left. */
  public long completionTokensMax() {
    return completionTokensMax;
  }

  /** The user's own key, which pays for this call. */
  public Optional<OwnKey> ownKey() {
    return ownKey;
  }

  /**
   * So many more tokens of the answer have come. Only adds in memory; written every few seconds.
   */
  public void streamed(long tokens) {
    streamed.addAndGet(tokens);
  }

  /** Whether another server has settled it, as this one did not answer: the call is to be ended. */
  public boolean lost() {
    return lost;
  }

  /**
   * The call is over, and the upstream said what it used. Waits a moment until that is written;
   * when it can't be now, it is later.
   *
   * @param actual of the upstream that served it
   */
  public void settle(TokenUsage usage, Price actual) {
    end(1, usage, actual.of(usage));
  }

  /** The call never reached an upstream: it costs nothing. */
  public void release() {
    end(0, TokenUsage.NONE, 0);
  }

  /** Settles what was streamed if nobody said more. */
  @Override
  public void close() {
    TokenUsage usage =
        new TokenUsage(promptTokensLikely, 0, Math.min(streamed.get(), completionTokensMax));
    settle(usage, price);
  }

  long streamedTokens() {
    return streamed.get();
  }

  void lose() {
    lost = true;
  }

  private void end(long requests, TokenUsage usage, long nanodollars) {
    if (ended.compareAndSet(false, true)) {
      settler.end(new Settler.Ending(this, requests, usage, nanodollars));
    }
  }
}
