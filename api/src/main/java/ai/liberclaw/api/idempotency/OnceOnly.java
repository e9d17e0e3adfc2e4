package ai.liberclaw.api.idempotency;

import ai.liberclaw.api.idempotency.IdempotencyStore.Answer;
import ai.liberclaw.api.idempotency.IdempotencyStore.Request;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.core.web.Exchange;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jooq.DSLContext;

/**
 * Carries a request out at most once per key. The key, the work and the answer that is kept are one
 * transaction: a crash in it leaves none of them, and what was refused may be tried again.
 */
public final class OnceOnly {
  private final DSLContext sql;
  private final Clock clock;
  private final IdempotencyStore store = new IdempotencyStore();

  public OnceOnly(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  /**
   * Does the work and sends its answer, or sends the answer that the key had before.
   *
   * @param path names the request among others of this user
   * @param body of the request; missing node for none
   * @param status of the answer
   * @param work runs in the transaction it is given, and gives the answer's body
   * @throws Refusal 422 for a key of another request, 409 while the first one is under way
   */
  public void answer(
      Exchange exchange,
      UUID userId,
      String path,
      JsonNode body,
      int status,
      Function<DSLContext, JsonNode> work) {
    Optional<IdempotencyKey> key = IdempotencyKey.of(exchange);
    Answer answer =
        sql.transactionResult(tx ->
            key.isPresent()
                ? once(
                    tx.dsl(),
                    new Request(userId, path, key.get(), Secrets.sha256Hex(Json.write(body))),
                    status,
                    work)
                : new Answer(status, Json.write(work.apply(tx.dsl()))));
    exchange.send(
        answer.status(), "application/json", answer.body().getBytes(StandardCharsets.UTF_8));
  }

  private Answer once(
      DSLContext tx, Request request, int status, Function<DSLContext, JsonNode> work) {
    if (!store.tryLock(tx, request)) {
      throw new Refusal(409, "Request in progress");
    }
    return switch (store.claim(tx, request, clock.instant().truncatedTo(ChronoUnit.MICROS))) {
      case FIRST -> {
        Answer answer = new Answer(status, Json.write(work.apply(tx)));
        store.keep(tx, request, answer);
        yield answer;
      }
      case REPEAT ->
          store
              .kept(tx, request)
              .orElseThrow(() -> new IllegalStateException("a key without its answer"));
      case OTHER_REQUEST -> throw IdempotencyKey.usedOtherwise();
    };
  }
}
