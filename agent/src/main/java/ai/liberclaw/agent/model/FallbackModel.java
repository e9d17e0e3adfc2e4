package ai.liberclaw.agent.model;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Several models, of which the first that answers does. The next one is asked when the fault lies
 * with the provider before it; a conversation that is too long or was refused would be so again. A
 * model that failed is asked last for a while, so that not every step of a turn waits for it.
 */
public final class FallbackModel implements Model {
  private static final System.Logger LOG = System.getLogger(FallbackModel.class.getName());

  private final List<Model> models;
  private final Duration rest;

  /** By place in the list: until when it is asked last, as {@link System#nanoTime} counts. */
  private final AtomicLongArray resting;

  /**
   * @param models at least one, the preferred one first
   * @param rest how long a model that failed comes after those that did not
   */
  FallbackModel(List<Model> models, Duration rest) {
    this(models, rest, new AtomicLongArray(models.size()));
    for (int i = 0; i < models.size(); i++) {
      resting.set(i, System.nanoTime());
    }
  }

  private FallbackModel(List<Model> models, Duration rest, AtomicLongArray resting) {
    this.models = List.copyOf(models);
    this.rest = rest;
    this.resting = resting;
  }

  @Override
  public String provider() {
    return models.getFirst().provider();
  }

  @Override
  public String name() {
    return models.getFirst().name();
  }

  @Override
  public OptionalInt windowTokens() {
    return models.getFirst().windowTokens();
  }

  @Override
  public Model forTurn(String chatId, String turnId) {
    List<Model> same = models.stream().map(model -> model.forTurn(chatId, turnId)).toList();
    return new FallbackModel(same, rest, resting);
  }

  @Override
  public Reply reply(ModelRequest request, ReplyListener listener)
      throws ModelException, InterruptedException {
    ModelException first = null;
    for (int place : order()) {
      Model model = models.get(place);
      try {
        Reply reply = model.reply(request, listener);
        resting.set(place, System.nanoTime());
        return reply;
      } catch (ModelException e) {
        if (!isProviders(e)) {
          throw e;
        }
        resting.set(place, System.nanoTime() + rest.toNanos());
        LOG.log(
            Level.WARNING,
            "inference.fallback provider={0} model={1} code={2}",
            model.provider(),
            model.name(),
            e.code().wireName());
        first = first == null || place == 0 ? e : first;
      }
    }
    if (first == null) {
      throw new IllegalStateException("no model");
    }
    // The owner's own choice is what the sentence should be about.
    throw first;
  }

  /** Places in the order of asking. */
  private List<Integer> order() {
    long now = System.nanoTime();
    List<Integer> awake = new ArrayList<>();
    List<Integer> tired = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      (resting.get(i) - now > 0 ? tired : awake).add(i);
    }
    awake.addAll(tired);
    return awake;
  }

  private static boolean isProviders(ModelException e) {
    return switch (e.code()) {
      case INFERENCE_UNAVAILABLE, INFERENCE_TIMEOUT, INFERENCE_RATE_LIMITED, INFERENCE_AUTH -> true;
      case INFERENCE_REJECTED, CONTEXT_OVERFLOW -> false;
    };
  }
}
