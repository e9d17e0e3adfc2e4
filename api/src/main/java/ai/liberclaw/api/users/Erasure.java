package ai.liberclaw.api.users;

import ai.liberclaw.deploy.activity.ActivityStore;
import ai.liberclaw.deploy.agent.Agents;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.jooq.exception.SQLStateClass;

/**
 * Erases accounts: the user and everything of theirs in one transaction, with jobs that destroy
 * what their agents live in. What the public was told stays, without names.
 */
public final class Erasure {
  private static final int TRIES_MAX = 4;

  private final DSLContext sql;
  private final Agents agents;
  private final ErasureStore users = new ErasureStore();

  public Erasure(DSLContext sql, Agents agents) {
    this.sql = sql;
    this.agents = agents;
  }

  /** False when there is no such user. */
  boolean erase(UUID userId) {
    return erase(userId, _ -> true);
  }

  /** Erases a guest who has not been seen since the given time; false when that is not so. */
  boolean eraseIdle(UUID userId, Instant notSeenSince) {
    return erase(userId, tx -> users.isIdleGuest(tx, userId, notSeenSince));
  }

  private boolean erase(UUID userId, Predicate<DSLContext> condition) {
    for (int tried = 1; ; tried++) {
      try {
        return sql.transactionResult(tx -> erase(tx.dsl(), userId, condition));
      } catch (DataAccessException e) {
        // So much is locked here that a deadlock with those who usually write it can happen: the
        // database then undoes one of the two.
        if (tried == TRIES_MAX || e.sqlStateClass() != SQLStateClass.C40_TRANSACTION_ROLLBACK) {
          throw e;
        }
      }
    }
  }

  private boolean erase(DSLContext tx, UUID userId, Predicate<DSLContext> condition) {
    users.lockSignIns(tx, userId);
    Optional<String> email = users.lock(tx, userId);
    if (email.isEmpty() || !condition.test(tx)) {
      return false;
    }
    agents.deleteAll(tx, userId);
    ActivityStore.anonymise(tx, userId);
    users.deleteMails(tx, email.get());
    users.delete(tx, userId);
    return true;
  }
}
