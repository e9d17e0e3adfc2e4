package ai.liberclaw.deploy.budget;

import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.InvalidTokenException;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;

/**
 * Holds back what calls of models may cost at most, in the budgets of the agent, its user, the
 * user's tier and the site, by day and by month. What does not fit into all of them is refused, so
 * none is ever overspent, however many calls and servers there are. Calls that a user's own key
 * pays for count in the agent's budget alone.
 */
public final class Budgets implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Budgets.class.getName());
  private static final int LAPSED_BATCH = 200;

  private final DSLContext sql;
  private final FernetKeys keys;
  private final Clock clock;
  private final BudgetSettings settings;
  private final BudgetCounts counts = new BudgetCounts();
  private final Settler settler;
  private final Warnings warnings;

  public Budgets(DSLContext sql, FernetKeys keys, Clock clock, BudgetSettings settings) {
    this.sql = sql;
    this.keys = keys;
    this.clock = clock;
    this.settings = settings;
    this.settler = new Settler(sql, clock, settings, counts);
    this.warnings = new Warnings(sql, clock);
  }

  public Budgets start() {
    settler.start();
    return this;
  }

  /**
   * Asks for a call, in one statement. What is reserved must be ended; a server that dies leaves
   * that to the others.
   *
   * @throws DataAccessException when the database does not answer; the call is not to be made
   */
  public Grant reserve(Ask ask) {
    Grant grant =
        ask.price().isPresent()
            ? reserve(ask, ask.price().get())
            : new Denied.Unpriced(ask.model());
    if (grant instanceof Denied denied) {
      counts.refused(denied);
    }
    if (grant instanceof Denied.Spent spent) {
      tell(spent, ask.spender());
    }
    return grant;
  }

  private void tell(Denied.Spent spent, Spender spender) {
    switch (spent.scope()) {
      case AGENT -> {
        if (spender instanceof Spender.Agent agent) {
          warnings.refused(Scope.AGENT, agent.id().toString(), spent.period());
        }
      }
      case USER -> warnings.refused(Scope.USER, spender.userId().toString(), spent.period());
      case TIER, SITE -> {
        // Told to the operator, by an alarm.
      }
    }
  }

  /**
   * Whether {@link #reserve} would know the caller, for what is asked without spending.
   *
   * @throws DataAccessException when the database does not answer
   */
  public boolean knows(Spender caller) {
    return BudgetStore.knows(sql, caller);
  }

  /** From now on these tasks settle what servers left that died, and tell who nears a limit. */
  public void addTo(ClusterTasks tasks) {
    tasks.every("budget-lapsed", settings.reconcile(), this::settleLapsed);
    tasks.every("budget-warnings", settings.reconcile(), warnings::tell);
  }

  public BudgetCounts counts() {
    return counts;
  }

  /** Calls of this server that are not settled. */
  public int openCalls() {
    return settler.openCalls();
  }

  /** Settles what has ended. Calls still open are settled by other servers. */
  @Override
  public void close() {
    settler.close();
  }

  private Grant reserve(Ask ask, Price price) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return switch (BudgetStore.reserve(sql, id, ask, price, now, now.plus(settings.lease()))) {
      case BudgetStore.Outcome.Gone() -> new Denied.Gone();
      case BudgetStore.Outcome.Refused(var scope, var period, var unit, long max, long left) ->
          new Denied.Spent(scope, period, unit, max, left, period.end(now));
      case BudgetStore.Outcome.Reserved(long completionTokens, var sealed) -> {
        Optional<OwnKey> ownKey = newest(sealed);
        Reservation call =
            new Reservation(id, price, ask.promptTokensLikely(), completionTokens, ownKey, settler);
        settler.opened(call);
        if (!sealed.isEmpty() && ownKey.isEmpty()) {
          call.release();
          yield reserve(ask.withoutOwnKey(), price);
        }
        yield call;
      }
    };
  }

  /** The newest that can be decrypted. */
  private Optional<OwnKey> newest(List<BudgetStore.SealedKey> sealed) {
    for (BudgetStore.SealedKey key : sealed) {
      try {
        return Optional.of(new OwnKey(key.id(), keys.decrypt(key.sealed())));
      } catch (InvalidTokenException _) {
        LOG.log(Level.WARNING, "owner_key.unreadable key=" + key.id());
      }
    }
    return Optional.empty();
  }

  private void settleLapsed(ClusterTasks.Lease lease) {
    int settled;
    do {
      Instant now = clock.instant();
      settled =
          sql.transactionResult(tx -> {
            lease.hold(tx.dsl());
            return BudgetStore.settleLapsed(tx.dsl(), now, LAPSED_BATCH);
          });
      if (settled > 0) {
        counts.lapsed(settled);
        LOG.log(Level.WARNING, "budget.lapsed_calls_settled calls=" + settled);
      }
    } while (settled == LAPSED_BATCH);
  }
}
