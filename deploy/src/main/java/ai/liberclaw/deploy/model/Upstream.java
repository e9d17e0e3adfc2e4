package ai.liberclaw.deploy.model;

import ai.liberclaw.deploy.budget.Price;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A service that runs models.
 *
 * @param name for logs, meters and people; unique
 * @param baseUrl of its API: for {@link UpstreamKind#OPENAI} with {@code /v1}, for the others
 *     without; nothing is sent to that of {@link UpstreamKind#OFFLINE}
 * @param key the operator's; absent when it needs none, or when each user brings their own
 * @param ownersKeys whether the keys that users store are for it
 * @param models it has, by the names agents ask for
 * @param others what becomes of every other name; empty when there is nothing else
 * @param concurrency calls at a time from this server
 * @param answerField of a request of OpenAI's API, that bounds the answer's tokens
 */
public record Upstream(
    String name,
    UpstreamKind kind,
    URI baseUrl,
    Optional<String> key,
    boolean ownersKeys,
    List<OfferedModel> models,
    Optional<Others> others,
    Times times,
    int concurrency,
    String answerField) {
  /**
   * What is asked for a name that is not listed.
   *
   * @param asked the service's model; empty to pass the name on
   * @param price empty when it is not known
   */
  public record Others(String asked, Optional<Price> price) {}

  /**
   * How long a call may take.
   *
   * @param connect for a connection
   * @param silence without a byte of the answer, its head included
   * @param total for the whole answer
   */
  public record Times(Duration connect, Duration silence, Duration total) {
    static final Times STANDARD =
        new Times(Duration.ofSeconds(10), Duration.ofSeconds(120), Duration.ofMinutes(15));
  }

  static final int CONCURRENCY_DEFAULT = 256;

  /** What everybody understands but OpenAI's newest models. */
  static final String ANSWER_FIELD = "max_tokens";

  static final String NEWER_ANSWER_FIELD = "max_completion_tokens";

  public Upstream {
    models = List.copyOf(models);
  }

  /** The model that answers to a name; empty when none does. */
  public Optional<OfferedModel> model(String id) {
    for (OfferedModel model : models) {
      if (model.id().equals(id)) {
        return Optional.of(model);
      }
    }
    return others.map(
        rest -> OfferedModel.hidden(id, rest.asked().isEmpty() ? id : rest.asked(), rest.price()));
  }

  /** Whether nobody is answered without a key. */
  public boolean needsKey() {
    return kind == UpstreamKind.ANTHROPIC || ownersKeys;
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "Upstream[" + name + ", " + kind.wireName() + "]";
  }
}
