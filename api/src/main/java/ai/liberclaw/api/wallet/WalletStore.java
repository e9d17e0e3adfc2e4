package ai.liberclaw.api.wallet;

import static ai.liberclaw.db.platform.Tables.USERS;
import static ai.liberclaw.db.platform.Tables.WALLET_CHALLENGES;
import static ai.liberclaw.db.platform.Tables.WALLET_CONNECTIONS;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/**
 * Challenges on their way, and whose a wallet is. Methods work in the transaction they are given.
 */
final class WalletStore {
  private static final String CHAIN = "evm";

  // Any constant: with the address it names the lock on that address's challenges.
  private static final int LOCK = 0x77616c6c;

  /** How far the clocks of two servers may be apart. */
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

  private final int attemptsMax;

  /**
   * @param attemptsMax tries after which a challenge is dead
   */
  WalletStore(int attemptsMax) {
    this.attemptsMax = attemptsMax;
  }

  /**
   * A challenge that can still be answered.
   *
   * @param client where it was asked for
   */
  record Live(UUID id, String client, Instant expiresAt) {}

  /** The live challenges of an address, oldest first; no other call changes them meanwhile. */
  List<Live> lockLive(DSLContext tx, WalletAddress address, Instant now) {
    tx.execute(
        "select pg_advisory_xact_lock({0}, hashtext({1}))",
        DSL.inline(LOCK), DSL.val(address.lower()));
    return tx.select(
            WALLET_CHALLENGES.ID,
            DSL.coalesce(WALLET_CHALLENGES.CLIENT, ""),
            WALLET_CHALLENGES.EXPIRES_AT)
        .from(WALLET_CHALLENGES)
        .where(WALLET_CHALLENGES.ADDRESS.eq(address.lower()))
        .and(live(now))
        .orderBy(WALLET_CHALLENGES.CREATED_AT, WALLET_CHALLENGES.ID)
        .fetch(row -> new Live(row.value1(), row.value2(), row.value3()));
  }

  void insert(DSLContext tx, SignInText text, String client) {
    tx.insertInto(WALLET_CHALLENGES)
        .set(WALLET_CHALLENGES.ID, UUID.randomUUID())
        .set(WALLET_CHALLENGES.ADDRESS, text.address().lower())
        .set(WALLET_CHALLENGES.NONCE, text.nonce())
        .set(WALLET_CHALLENGES.MESSAGE, text.text())
        .set(WALLET_CHALLENGES.CLIENT, client)
        .set(WALLET_CHALLENGES.CREATED_AT, text.issuedAt())
        .set(WALLET_CHALLENGES.EXPIRES_AT, text.expiresAt())
        .execute();
  }

  void delete(DSLContext tx, UUID challengeId) {
    tx.deleteFrom(WALLET_CHALLENGES).where(WALLET_CHALLENGES.ID.eq(challengeId)).execute();
  }

  /** Counts a try and gives the text to be signed; empty when there is nothing left to try. */
  Optional<String> tryAnswer(DSLContext sql, WalletAddress address, String nonce, Instant now) {
    return sql.update(WALLET_CHALLENGES)
        .set(WALLET_CHALLENGES.ATTEMPTS, WALLET_CHALLENGES.ATTEMPTS.plus(1))
        .where(WALLET_CHALLENGES.NONCE.eq(nonce))
        .and(WALLET_CHALLENGES.ADDRESS.eq(address.lower()))
        .and(live(now))
        .returningResult(WALLET_CHALLENGES.MESSAGE)
        .fetchOptional(WALLET_CHALLENGES.MESSAGE);
  }

  /** Uses up a challenge: of parallel callers exactly one gets true. */
  boolean consume(DSLContext tx, WalletAddress address, String nonce, Instant now) {
    return tx.deleteFrom(WALLET_CHALLENGES)
            .where(WALLET_CHALLENGES.NONCE.eq(nonce))
            .and(WALLET_CHALLENGES.ADDRESS.eq(address.lower()))
            .and(WALLET_CHALLENGES.EXPIRES_AT.gt(now))
            .execute()
        == 1;
  }

  /**
   * The user of a proven wallet, made when there is none. Empty when the wallet was disconnected by
   * another transaction in between.
   */
  Optional<UUID> upsertUser(DSLContext tx, WalletAddress address, String tier, Instant now) {
    return owner(tx, address).or(() -> make(tx, address, tier, now));
  }

  /** Whose the wallet is; that user's row stays locked to the transaction's end. */
  private static Optional<UUID> owner(DSLContext tx, WalletAddress address) {
    // Once more when the account is ours: its owner may just have cut the connection.
    return find(tx, address).filter(user -> lock(tx, user)).flatMap(_ -> find(tx, address));
  }

  private static boolean lock(DSLContext tx, UUID userId) {
    return tx.selectOne()
        .from(USERS)
        .where(USERS.ID.eq(userId))
        .forNoKeyUpdate()
        .fetchOptional()
        .isPresent();
  }

  private static Optional<UUID> make(
      DSLContext tx, WalletAddress address, String tier, Instant now) {
    UUID user = UUID.randomUUID();
    tx.insertInto(USERS)
        .set(USERS.ID, user)
        .set(USERS.TIER, tier)
        .set(USERS.EMAIL_VERIFIED, false)
        .set(USERS.SHOW_TOOL_CALLS, true)
        .set(USERS.DISPLAY_NAME, address.shortName())
        .set(USERS.CREATED_AT, now)
        .set(USERS.UPDATED_AT, now)
        .execute();
    boolean mine =
        tx.insertInto(WALLET_CONNECTIONS)
                .set(WALLET_CONNECTIONS.ID, UUID.randomUUID())
                .set(WALLET_CONNECTIONS.USER_ID, user)
                .set(WALLET_CONNECTIONS.CHAIN, CHAIN)
                .set(WALLET_CONNECTIONS.ADDRESS, address.lower())
                .set(WALLET_CONNECTIONS.IS_PRIMARY, true)
                .set(WALLET_CONNECTIONS.CREATED_AT, now)
                // Waits for a transaction that is making the same one.
                .onConflict(WALLET_CONNECTIONS.CHAIN, WALLET_CONNECTIONS.ADDRESS)
                .doNothing()
                .execute()
            == 1;
    if (mine) {
      return Optional.of(user);
    }
    tx.deleteFrom(USERS).where(USERS.ID.eq(user)).execute();
    return owner(tx, address);
  }

  private static Optional<UUID> find(DSLContext tx, WalletAddress address) {
    return tx.select(WALLET_CONNECTIONS.USER_ID)
        .from(WALLET_CONNECTIONS)
        .where(WALLET_CONNECTIONS.CHAIN.eq(CHAIN))
        .and(WALLET_CONNECTIONS.ADDRESS.eq(address.lower()))
        .fetchOptional(WALLET_CONNECTIONS.USER_ID);
  }

  private Condition live(Instant now) {
    return WALLET_CHALLENGES
        .MESSAGE
        .isNotNull()
        .and(WALLET_CHALLENGES.EXPIRES_AT.gt(now))
        .and(WALLET_CHALLENGES.CREATED_AT.le(now.plus(CLOCK_SKEW)))
        .and(WALLET_CHALLENGES.ATTEMPTS.lt(attemptsMax));
  }
}
