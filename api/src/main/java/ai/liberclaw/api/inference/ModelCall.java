package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.deploy.budget.Ask;
import ai.liberclaw.deploy.budget.OwnKey;
import ai.liberclaw.deploy.budget.Price;
import ai.liberclaw.deploy.budget.Reservation;
import ai.liberclaw.deploy.budget.Spender;
import ai.liberclaw.deploy.model.OfferedModel;
import ai.liberclaw.deploy.model.UpstreamAnswer;
import ai.liberclaw.deploy.model.UpstreamClient;
import ai.liberclaw.deploy.model.UpstreamException;
import ai.liberclaw.deploy.model.UpstreamKind.Api;
import ai.liberclaw.deploy.model.Upstreams.Candidate;
import ai.liberclaw.deploy.model.Upstreams.Place;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jooq.exception.DataAccessException;

/**
 * One call of a model: reserved, asked of one service after the other until one answers, passed on,
 * settled. Used by the thread of its request.
 */
final class ModelCall {
  private static final Logger LOG = System.getLogger(ModelCall.class.getName());
  private static final Map<String, String> SOON = Map.of("Retry-After", "5");

  /** What wraps a conversation into a prompt, beyond the text of its request. */
  private static final long PROMPT_TOKENS_EXTRA = 512;

  /** More than any model reads of one picture, however small its bytes are. */
  private static final long PICTURE_TOKENS_MAX = 16_384;

  private static final int BYTES_PER_TOKEN = 4;

  /** An answer this long is of use; when less can be paid for, the call is refused. */
  private static final long ANSWER_TOKENS_MIN = 1_024;

  private static final long TOKENS_MAX = 1_000_000_000L;

  private final Gateway gateway;
  private final Exchange exchange;
  private final OpenCalls.Call call;
  private final Api api;
  private final CallBody body;
  private final ErrorShape shape;
  private final ClientEvents client;

  ModelCall(Gateway gateway, Exchange exchange, OpenCalls.Call call, Api api, CallBody body) {
    this.gateway = gateway;
    this.exchange = exchange;
    this.call = call;
    this.api = api;
    this.body = body;
    this.shape = api == Api.MESSAGES ? ErrorShape.ANTHROPIC : ErrorShape.OPENAI;
    this.client = new ClientEvents(exchange, gateway.limits(), gateway.heads());
  }

  /**
   * @throws Refusal while there is no answer yet; later errors are events of the stream
   */
  void run(Spender spender) {
    List<Candidate> able = gateway.upstreams().candidates(api, body.model());
    if (able.isEmpty()) {
      gateway.requireKnown(spender);
      throw new Refusal(404, "The model `" + body.model() + "` does not exist");
    }
    // Who can't say what an answer costs is not asked.
    List<Candidate> priced =
        able.stream().filter(candidate -> candidate.model().price().isPresent()).toList();
    Ask ask = ask(spender, priced.isEmpty() ? able : priced);
    Reservation reservation = granted(ask);
    try (client) {
      if (body.streams()) {
        client.beginBeforeLong();
      }
      try {
        answer(ask, reservation, priced);
      } catch (Refusal e) {
        refuse(e);
      }
    }
  }

  /** With a status, or when it is too late for one, with an event. */
  private void refuse(Refusal refusal) {
    if (client.refuse()) {
      throw refusal;
    }
    byte[] event = shape.event(refusal.status(), refusal.text());
    client.write(event, 0, event.length);
    client.end();
  }

  /** With the user's own key first, if there is one; then with the operator's. */
  private void answer(Ask ask, Reservation reservation, List<Candidate> candidates) {
    Optional<String> ownKey = reservation.ownKey().map(OwnKey::key);
    if (ownKey.isEmpty()) {
      withOperatorsKey(reservation, candidates);
      return;
    }
    try (reservation) {
      List<Candidate> own =
          candidates.stream().filter(candidate -> candidate.upstream().ownersKeys()).toList();
      if (tried(reservation, own, ownKey).isEmpty()) {
        return;
      }
      reservation.release();
    }
    withOperatorsKey(granted(ask.withoutOwnKey()), candidates);
  }

  private void withOperatorsKey(Reservation reservation, List<Candidate> candidates) {
    try (reservation) {
      Optional<Refusal> refusal = tried(reservation, candidates, Optional.empty());
      if (refusal.isPresent()) {
        reservation.release();
        throw refusal.get();
      }
    }
  }

  private Reservation granted(Ask ask) {
    try {
      return gateway.reserved(ask);
    } catch (DataAccessException e) {
      LOG.log(Level.WARNING, "inference.not_reserved", e);
      throw new Refusal(503, "Budgets cannot be checked now. Please retry.", SOON);
    }
  }

  /** Why nobody answered; empty when somebody did. */
  private Optional<Refusal> tried(
      Reservation reservation, List<Candidate> candidates, Optional<String> ownKey) {
    Refusal last =
        new Refusal(503, "No model service can be asked for this model now. Please retry.", SOON);
    for (Candidate candidate : candidates) {
      Optional<String> key = ownKey.or(() -> candidate.upstream().key());
      if (candidate.upstream().needsKey() && key.isEmpty()) {
        continue;
      }
      Optional<Place> place = candidate.enter();
      if (place.isEmpty()) {
        continue;
      }
      try (Place held = place.get()) {
        Optional<Refusal> refusal = asked(reservation, candidate, held, key, ownKey);
        if (refusal.isEmpty()) {
          gateway.counts().noteAnswered(candidate.upstream().name());
          return refusal;
        }
        gateway.counts().noteFailed(candidate.upstream().name());
        last = refusal.get();
      }
    }
    return Optional.of(last);
  }

  /** Why this service did not answer; empty when it did. */
  private Optional<Refusal> asked(
      Reservation reservation,
      Candidate candidate,
      Place place,
      Optional<String> key,
      Optional<String> ownKey) {
    String name = candidate.upstream().name();
    boolean usage = api == Api.CHAT && !gateway.withoutUsage().contains(name);
    while (true) {
      byte[] sent = sent(reservation, candidate, usage);
      try (UpstreamAnswer answer = head(candidate, key, sent)) {
        if (answer.status() == 200 || answer.status() == 201) {
          Optional<Refusal> refusal =
              new AnswerRelay(gateway, exchange, call, client, api, body)
                  .pass(answer, reservation, candidate);
          if (refusal.isEmpty()) {
            place.succeeded();
          } else {
            place.failed();
          }
          return refusal;
        }
        UpstreamRefusal refusal = UpstreamRefusal.of(answer, gateway.mask(), ownKey);
        if (usage && body.streams() && refusal.words().contains("stream_options")) {
          // It knows no such option: what its streams used is estimated from now on.
          gateway.withoutUsage().add(name);
          usage = false;
          continue;
        }
        return ended(refusal, reservation, place, name, answer.status());
      } catch (UpstreamException e) {
        throwIfOver();
        LOG.log(
            Level.WARNING, "inference.failed upstream={0} reason={1}", name, e.kind().toString());
        place.failed();
        return Optional.of(UpstreamRefusal.of(e).told());
      }
    }
  }

  private static Optional<Refusal> ended(
      UpstreamRefusal refusal, Reservation reservation, Place place, String name, int status) {
    LOG.log(
        refusal.effect() == UpstreamRefusal.Effect.BROKEN ? Level.WARNING : Level.DEBUG,
        "inference.refused upstream={0} status={1}",
        name,
        status);
    switch (refusal.effect()) {
      case FINAL -> {
        place.succeeded();
        reservation.release();
        throw refusal.told();
      }
      case NEXT -> place.succeeded();
      case BROKEN -> place.failed();
    }
    return Optional.of(refusal.told());
  }

  private UpstreamAnswer head(Candidate candidate, Optional<String> key, byte[] sent)
      throws UpstreamException {
    try {
      return call.await(() -> gateway.client().ask(candidate.upstream(), api, key, sent));
    } catch (IOException e) {
      throw UpstreamClient.failure(e);
    }
  }

  /** Whether a failure is none of the service's: the caller left, or the server stops. */
  private void throwIfOver() {
    throwIfOver(call, client);
  }

  static void throwIfOver(OpenCalls.Call call, ClientEvents client) {
    boolean interrupted = Thread.interrupted();
    call.throwIfOver();
    if (interrupted || client.isGone()) {
      throw new CloseConnectionException("client gone");
    }
  }

  private byte[] sent(Reservation reservation, Candidate candidate, boolean usage) {
    String asked = gateway.upstreams().asked(candidate, gateway.ollamaModel());
    boolean bounded = api == Api.CHAT || api == Api.MESSAGES;
    OptionalLong answerTokens =
        bounded
            ? OptionalLong.of(Math.max(1, reservation.completionTokensMax() / body.choices()))
            : OptionalLong.empty();
    String field = api == Api.MESSAGES ? "max_tokens" : candidate.upstream().answerField();
    return body.with(asked, answerTokens, field, usage);
  }

  private Ask ask(Spender spender, List<Candidate> candidates) {
    Optional<Price> price =
        candidates.stream()
            .map(candidate -> candidate.model().price())
            .flatMap(Optional::stream)
            .reduce(Price::max)
            .map(most -> priced(most, body));
    boolean ownKeyAllowed =
        candidates.stream().anyMatch(candidate -> candidate.upstream().ownersKeys());
    long context = longest(candidates);
    long prompt = 0;
    long answer = 0;
    if (api != Api.PICTURES) {
      prompt = body.length() + PROMPT_TOKENS_EXTRA + body.pictures() * PICTURE_TOKENS_MAX;
      prompt = Math.min(TOKENS_MAX, context > 0 ? Math.min(prompt, context) : prompt);
    }
    if (api == Api.CHAT || api == Api.MESSAGES) {
      long usual =
          candidates.stream()
              .mapToInt(candidate -> candidate.model().answerTokens())
              .max()
              .orElse(0);
      long each = body.answerTokens().orElse(usual);
      each = context > 0 ? Math.min(each, context) : each;
      if (each > TOKENS_MAX / body.choices()) {
        throw new Refusal(400, "The answer may have at most " + TOKENS_MAX + " tokens");
      }
      answer = each * body.choices();
    }
    return new Ask(
        spender,
        body.model(),
        price,
        prompt,
        Math.min(prompt, body.length() / BYTES_PER_TOKEN),
        answer,
        Math.min(answer, ANSWER_TOKENS_MIN * body.choices()),
        ownKeyAllowed);
  }

  /** The longest context any of them has; 0 when one does not say. */
  private static long longest(List<Candidate> candidates) {
    boolean known =
        candidates.stream().map(Candidate::model).allMatch(model -> model.contextTokens() > 0);
    return known
        ? candidates.stream()
            .map(Candidate::model)
            .mapToInt(OfferedModel::contextTokens)
            .max()
            .orElse(0)
        : 0;
  }

  /** What the whole call costs: pictures are sold by the piece. */
  static Price priced(Price price, CallBody body) {
    try {
      return new Price(
          price.prompt(),
          price.cached(),
          price.completion(),
          Math.multiplyExact(price.call(), body.choices()));
    } catch (ArithmeticException | IllegalArgumentException _) {
      throw new Refusal(400, "n is too large");
    }
  }
}
