package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.deploy.budget.Price;
import ai.liberclaw.deploy.budget.Reservation;
import ai.liberclaw.deploy.budget.TokenUsage;
import ai.liberclaw.deploy.model.UpstreamAnswer;
import ai.liberclaw.deploy.model.UpstreamClient;
import ai.liberclaw.deploy.model.UpstreamKind.Api;
import ai.liberclaw.deploy.model.Upstreams.Candidate;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;

/** Passes one service's good answer on as it comes, and settles what it used. */
final class AnswerRelay {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int BYTES_PER_TOKEN = 4;

  private final Gateway gateway;
  private final Exchange exchange;
  private final OpenCalls.Call call;
  private final ClientEvents client;
  private final Api api;
  private final CallBody body;
  private long deadline;

  /** Whether the caller has got something of the answer, after which nobody else is asked. */
  private boolean begun;

  AnswerRelay(
      Gateway gateway,
      Exchange exchange,
      OpenCalls.Call call,
      ClientEvents client,
      Api api,
      CallBody body) {
    this.gateway = gateway;
    this.exchange = exchange;
    this.call = call;
    this.client = client;
    this.api = api;
    this.body = body;
  }

  /**
   * Passes it on to its end.
   *
   * @return why there is nothing of it, so that another service may be asked; empty when it is done
   * @throws Refusal when it broke off after its beginning
   */
  Optional<Refusal> pass(UpstreamAnswer answer, Reservation reservation, Candidate candidate) {
    Price price = ModelCall.priced(candidate.model().price().orElseThrow(), body);
    deadline = System.nanoTime() + candidate.upstream().times().total().toNanos();
    try {
      if (body.streams() && answer.streams()) {
        stream(answer, reservation, price);
      } else {
        whole(answer, reservation, price);
      }
      return Optional.empty();
    } catch (Refusal e) {
      if (begun) {
        throw e;
      }
      return Optional.of(e);
    }
  }

  private void stream(UpstreamAnswer answer, Reservation reservation, Price price) {
    EventReader reader =
        api == Api.MESSAGES
            ? new EventReader.OfAnthropic()
            : new EventReader.OfOpenAi(!body.usageAsked());
    EventRuns runs =
        new EventRuns(answer.body(), InferenceLimits.EVENT_BYTES_MAX, exchange.streams().slice());
    boolean over = false;
    while (!over && read(runs)) {
      over = passRun(runs, reader, reservation, price);
      requireTime();
      if (reservation.lost()) {
        throw new Refusal(503, "The call took too long to be accounted for. Please retry.");
      }
    }
    if (over) {
      client.end();
      answer.finish();
      return;
    }
    if (!begun && runs.start() == runs.limit()) {
      throw new Refusal(502, "The model service sent an empty answer. Please retry.");
    }
    // No end of its own, or a last event without one: both are as the service wrote them.
    int from = runs.start();
    int to = runs.rest();
    boolean _ = reader.see(runs.bytes(), from, to) == EventReader.Sort.LAST;
    settle(reader.usage(), reservation, price);
    client.write(runs.bytes(), from, to);
    client.end();
  }

  private boolean read(EventRuns runs) {
    try {
      return call.await(runs::fill);
    } catch (IOException | RuntimeException e) {
      throw broken(e);
    }
  }

  /** Passes on what has come; true when the last event was among it. */
  private boolean passRun(
      EventRuns runs, EventReader reader, Reservation reservation, Price price) {
    byte[] bytes = runs.bytes();
    int from = runs.start();
    int unsent = from;
    long tokens = 0;
    int events = 0;
    for (int end = runs.next(); end >= 0; end = runs.next()) {
      events++;
      switch (reader.see(bytes, from, end)) {
        case PASSES -> tokens += reader.tokens(from, end);
        case HIDDEN -> {
          write(bytes, unsent, from);
          unsent = end;
        }
        case LAST -> {
          write(bytes, unsent, from);
          reservation.streamed(tokens);
          settle(reader.usage(), reservation, price);
          write(bytes, from, end);
          gateway.counts().relayed(events);
          return true;
        }
        case FAILED -> {
          write(bytes, unsent, from);
          reservation.streamed(tokens);
          throw UpstreamRefusal.inStream(reader.words(bytes, end));
        }
      }
      from = end;
    }
    write(bytes, unsent, from);
    reservation.streamed(tokens);
    gateway.counts().relayed(events);
    return false;
  }

  private void write(byte[] bytes, int from, int to) {
    if (to > from) {
      begun = true;
      client.write(bytes, from, to);
    }
  }

  private void whole(UpstreamAnswer answer, Reservation reservation, Price price) {
    if (!answer.mediaType().equals("application/json")) {
      throw new Refusal(502, "The model service sent something that is no answer.");
    }
    byte[] json = readWhole(answer);
    Optional<TokenUsage> usage =
        api == Api.PICTURES ? Optional.of(TokenUsage.NONE) : usage(json, api);
    if (api != Api.EMBEDDINGS) {
      reservation.streamed(json.length / BYTES_PER_TOKEN);
    }
    begun = true;
    settle(usage, reservation, price);
    if (!client.refuse()) {
      throw new Refusal(502, "The model service did not stream its answer.");
    }
    exchange.send(200, "application/json", json);
  }

  private byte[] readWhole(UpstreamAnswer answer) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int count = readSome(answer, buffer); count > 0; count = readSome(answer, buffer)) {
        if (whole.size() + count > InferenceLimits.ANSWER_BYTES_MAX) {
          throw new Refusal(502, "The model service's answer is too large.");
        }
        whole.write(buffer, 0, count);
        requireTime();
      }
    } catch (Refusal e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw broken(e);
    }
    return whole.toByteArray();
  }

  private int readSome(UpstreamAnswer answer, byte[] buffer) throws IOException {
    return call.await(() -> answer.body().read(buffer));
  }

  private void requireTime() {
    if (System.nanoTime() - deadline > 0) {
      throw new Refusal(504, "The model service took too long.");
    }
  }

  private Refusal broken(Exception e) {
    ModelCall.throwIfOver(call, client);
    return e instanceof EventRuns.TooLargeException
        ? new Refusal(502, "The model service's answer is too large.")
        : UpstreamRefusal.of(UpstreamClient.failure(e)).told();
  }

  /** By what the service counted; where it did not, by what was passed on. */
  private static void settle(Optional<TokenUsage> usage, Reservation reservation, Price price) {
    if (usage.isPresent()) {
      reservation.settle(usage.get(), price);
    } else {
      reservation.close();
    }
  }

  /** The {@code usage} of a whole answer, of which nothing else is parsed into a tree. */
  static Optional<TokenUsage> usage(byte[] json, Api api) {
    try (JsonParser parser = Json.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean usage = parser.currentName().equals("usage");
        if (parser.nextToken() == JsonToken.START_OBJECT && usage) {
          JsonNode node = parser.readValueAsTree();
          return api == Api.MESSAGES
              ? Optional.of(EventReader.OfAnthropic.of(node))
              : EventReader.OfOpenAi.of(node);
        }
        parser.skipChildren();
      }
      return Optional.empty();
    } catch (IOException | JsonException _) {
      return Optional.empty();
    }
  }
}
