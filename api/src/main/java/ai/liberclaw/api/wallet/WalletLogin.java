package ai.liberclaw.api.wallet;

import ai.liberclaw.api.auth.RateLimits;
import ai.liberclaw.api.auth.Sessions;
import ai.liberclaw.api.auth.Tier;
import ai.liberclaw.api.auth.TokenPair;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.activity.ActivityStore;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jooq.DSLContext;

/**
 * Signs in by wallet: a challenge is issued for an address, and its signature by that address's key
 * works once, for five minutes. Five wrong signatures end a challenge. Whoever asks for challenges
 * of somebody's address ends none of theirs, and cannot keep all its places alone.
 */
final class WalletLogin {
  private static final Duration LIFETIME = Duration.ofMinutes(5);
  private static final int NONCE_BYTES = 16;
  private static final int LIVE_MAX = 5;
  private static final int SIGNATURES_MAX = 5;
  private static final RateLimits.Limit CHALLENGES =
      new RateLimits.Limit(
          "wallet_challenge_hour", "wallet challenges from here", 60, Duration.ofHours(1));
  private static final RateLimits.Limit ANSWERS =
      new RateLimits.Limit(
          "wallet_verify_hour", "wallet signatures from here", 120, Duration.ofHours(1));

  private final DSLContext sql;
  private final URI site;
  private final Sessions sessions;
  private final RateLimits limits;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final WalletStore wallets = new WalletStore(SIGNATURES_MAX);

  /**
   * @param site the web app, which the signed text names
   */
  WalletLogin(DSLContext sql, URI site, Sessions sessions, RateLimits limits, Clock clock) {
    this.sql = sql;
    this.site = site;
    this.sessions = sessions;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Issues a challenge.
   *
   * @param client what the limits count by
   * @throws Refusal 429 over a limit
   */
  SignInText challenge(WalletAddress address, String client) {
    limits.take(sql, CHALLENGES, client);
    // The text has whole seconds.
    Instant issued = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    SignInText text =
        new SignInText(
            site, address, HexFormat.of().formatHex(nonce), issued, issued.plus(LIFETIME));
    sql.transaction(tx -> {
      List<WalletStore.Live> live = wallets.lockLive(tx.dsl(), address, clock.instant());
      if (live.size() >= LIVE_MAX) {
        wallets.delete(tx.dsl(), surplus(live, client).orElseThrow(() -> full(live)).id());
      }
      wallets.insert(tx.dsl(), text, client);
    });
    return text;
  }

  /**
   * Signs in the owner of a wallet.
   *
   * @param client what the limit counts by
   * @throws Refusal 400 for anything but the right signature of a live challenge, 429 over a limit
   */
  TokenPair verify(
      WalletAddress address, String signature, String nonce, String client, String device) {
    limits.take(sql, ANSWERS, client);
    Instant now = now();
    // Counted in a transaction of its own, so that a wrong signature stays counted.
    String text = wallets.tryAnswer(sql, address, nonce, now).orElseThrow(WalletLogin::invalid);
    if (WalletSignature.parse(signature).filter(s -> s.isOf(text, address)).isEmpty()) {
      throw invalid();
    }
    return sql.transactionResult(tx -> {
      if (!wallets.consume(tx.dsl(), address, nonce, now)) {
        throw invalid();
      }
      UUID user =
          wallets
              .upsertUser(tx.dsl(), address, Tier.FREE, now)
              .orElseThrow(
                  () -> new Refusal(409, "This wallet is being disconnected elsewhere, try again"));
      ActivityStore.userLogin(tx.dsl(), user, "wallet");
      return sessions.open(tx.dsl(), user, device);
    });
  }

  /**
   * The challenge that makes room: the newest of the client that holds most, if that is several and
   * whoever asks holds none.
   */
  private static Optional<WalletStore.Live> surplus(List<WalletStore.Live> live, String client) {
    Map<String, Long> held =
        live.stream()
            .collect(Collectors.groupingBy(WalletStore.Live::client, Collectors.counting()));
    if (held.containsKey(client)) {
      return Optional.empty();
    }
    return held.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .filter(most -> most.getValue() > 1)
        .flatMap(most ->
            live.reversed().stream().filter(c -> c.client().equals(most.getKey())).findFirst());
  }

  private Refusal full(List<WalletStore.Live> live) {
    Duration wait = Duration.between(clock.instant(), live.getFirst().expiresAt());
    return new Refusal(
        429,
        "Too many open challenges for this address: at most " + LIVE_MAX,
        Map.of("Retry-After", Long.toString(Math.max(1, wait.toSeconds() + 1))));
  }

  private static Refusal invalid() {
    return new Refusal(400, "Invalid signature");
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
