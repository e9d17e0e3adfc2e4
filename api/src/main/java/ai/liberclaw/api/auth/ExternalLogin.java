package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.activity.ActivityStore;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;

/**
 * Which account an identity of another provider leads to: the one it is connected with, else the
 * one of its address if both the provider and the account have proven that address, else a new one.
 * An address that is not proven is noted with the connection and gives no account its address.
 */
public final class ExternalLogin {
  private final Clock clock;
  private final ExternalAccountStore accounts = new ExternalAccountStore();
  private final PriorAccessStore priorAccess = new PriorAccessStore();

  public ExternalLogin(Clock clock) {
    this.clock = clock;
  }

  /**
   * Finds or makes the account, or upgrades the guest who asks, and records the sign-in; in the
   * caller's transaction, which is to be rolled back on a refusal. Calls in parallel with one
   * identity all get the same user.
   *
   * @param guest the caller, if there is one; a caller who is no guest counts as none
   * @return the user, for whom a session can be opened
   * @throws Refusal 409 where accounts must not be joined
   */
  public UUID signIn(DSLContext tx, ExternalIdentity identity, Optional<Caller> guest) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    UUID user =
        guest
            .filter(caller -> caller.tier().equals(Tier.GUEST))
            .flatMap(caller -> upgrade(tx, identity, caller.userId(), now))
            .orElseGet(() -> account(tx, identity, now));
    ActivityStore.userLogin(tx, user, identity.provider());
    return user;
  }

  /** Empty when the caller is a guest no more: another request of theirs was faster. */
  private Optional<UUID> upgrade(
      DSLContext tx, ExternalIdentity identity, UUID guest, Instant now) {
    boolean foreignEmail =
        identity
            .email()
            .flatMap(email -> accounts.ofEmail(tx, email))
            .filter(owner -> !owner.userId().equals(guest))
            .isPresent();
    if (foreignEmail) {
      throw emailTaken();
    }
    Optional<UUID> connected = accounts.ofIdentity(tx, identity);
    if (connected.isPresent()) {
      if (!connected.get().equals(guest)) {
        throw identityTaken(identity);
      }
      return connected;
    }
    try {
      if (!accounts.upgradeGuest(tx, guest, identity, now)) {
        return Optional.empty();
      }
    } catch (IntegrityConstraintViolationException _) {
      // Somebody else took the address between our look and our write.
      throw emailTaken();
    }
    if (!accounts.connect(tx, guest, identity, now)) {
      throw identityTaken(identity);
    }
    priorAccess.closeGuest(tx, guest, now);
    return Optional.of(guest);
  }

  private UUID account(DSLContext tx, ExternalIdentity identity, Instant now) {
    Optional<UUID> connected = accounts.ofIdentity(tx, identity);
    if (connected.isPresent()) {
      return connected.get();
    }
    Optional<ExternalAccountStore.EmailOwner> owner = emailOwner(tx, identity);
    if (owner.isPresent()) {
      return join(tx, identity, owner.get(), now);
    }
    Optional<UUID> made = accounts.insert(tx, identity, now);
    if (made.isEmpty()) {
      // Of two that make the account of one address, the second joins it.
      return join(tx, identity, emailOwner(tx, identity).orElseThrow(), now);
    }
    if (!accounts.connect(tx, made.get(), identity, now)) {
      accounts.delete(tx, made.get());
      return accounts.ofIdentity(tx, identity).orElseThrow();
    }
    return made.get();
  }

  private Optional<ExternalAccountStore.EmailOwner> emailOwner(
      DSLContext tx, ExternalIdentity identity) {
    return identity.email().flatMap(email -> accounts.ofEmail(tx, email));
  }

  private UUID join(
      DSLContext tx,
      ExternalIdentity identity,
      ExternalAccountStore.EmailOwner owner,
      Instant now) {
    if (!identity.emailVerified() || !owner.verified()) {
      throw emailTaken();
    }
    return accounts.connect(tx, owner.userId(), identity, now)
        ? owner.userId()
        : accounts.ofIdentity(tx, identity).orElseThrow();
  }

  private static Refusal emailTaken() {
    return new Refusal(409, "Email already linked to another account");
  }

  private static Refusal identityTaken(ExternalIdentity identity) {
    return new Refusal(409, identity.providerTitle() + " account already linked to another user");
  }
}
