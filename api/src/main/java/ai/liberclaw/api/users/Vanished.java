package ai.liberclaw.api.users;

import ai.liberclaw.core.error.Refusal;
import java.util.Optional;
import org.jooq.exception.DataAccessException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Users and agents that are deleted while a request of theirs is under way: what it goes on to
 * write refers to nobody, which the database refuses.
 */
public final class Vanished {
  private static final String FOREIGN_KEY_VIOLATION = "23503";

  private Vanished() {}

  /** What is told of such a failure, as if the request had come a moment later. */
  public static Optional<Refusal> refusal(Exception failure) {
    return failure instanceof DataAccessException e && FOREIGN_KEY_VIOLATION.equals(e.sqlState())
        ? Optional.ofNullable(e.getCause(PSQLException.class))
            .map(PSQLException::getServerErrorMessage)
            .map(ServerErrorMessage::getConstraint)
            .flatMap(Vanished::missing)
        : Optional.empty();
  }

  private static Optional<Refusal> missing(String constraint) {
    if (constraint.endsWith("_user_id_fkey") || constraint.endsWith("_owner_id_fkey")) {
      return Optional.of(new Refusal(401, "User not found"));
    }
    return constraint.endsWith("_agent_id_fkey")
        ? Optional.of(new Refusal(404, "Agent not found"))
        : Optional.empty();
  }
}
