package ai.liberclaw.api.auth;

import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Which account an identity of another provider leads to. */
public interface ExternalLogin {
  /**
   * Finds or makes the account, or upgrades the guest who asks, and records the sign-in; in the
   * caller's transaction.
   *
   * @return the user, for whom a session can be opened
   * @throws ai.liberclaw.core.error.Refusal 409 where accounts must not be joined
   */
  UUID signIn(DSLContext tx, ExternalIdentity identity, Optional<Caller> guest);
}
