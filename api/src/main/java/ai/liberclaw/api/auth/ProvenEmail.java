package ai.liberclaw.api.auth;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * The account of an address that its owner proved just now. An account whose address nobody had
 * proven so far becomes the owner's alone: what led into it before leads there no more.
 */
final class ProvenEmail {
  private final AccountStore accounts = new AccountStore();
  private final PriorAccessStore priorAccess = new PriorAccessStore();

  /** Finds or makes the account; calls in parallel all get the same user. */
  UUID account(DSLContext tx, EmailAddress email, Instant now) {
    Optional<UUID> made = accounts.insertOwner(tx, email, now);
    if (made.isPresent()) {
      return made.get();
    }
    UUID known = accounts.byEmail(tx, email).orElseThrow();
    // This locks the row, so that a sign-in through an old connection comes either before, and its
    // session is closed, or after, and finds the connection gone.
    if (accounts.markProven(tx, known, now)) {
      // Tokens carry whole seconds; later ones of this second are dated into the next.
      Instant validFrom = now.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
      priorAccess.close(tx, known, email, validFrom, now);
    }
    return known;
  }
}
