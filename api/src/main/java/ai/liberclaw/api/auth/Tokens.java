package ai.liberclaw.api.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Signs and reads the two kinds of JSON web tokens. Only HS256 is read, whatever a token's header
 * says, and a token of one kind is never taken for the other.
 */
public final class Tokens {
  /** Bytes the signing secret has at least (RFC 7518 section 3.2). */
  public static final int SECRET_BYTES_MIN = 32;

  private static final int LENGTH_MAX = 4096;
  private static final int GOOD_MAX = 10_000;
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);
  private static final String ACCESS = "access";
  private static final String REFRESH = "refresh";

  private final MACSigner signer;
  private final List<MACVerifier> verifiers;
  private final Duration accessLifetime;
  private final Duration refreshLifetime;
  private final Clock clock;

  /** Access tokens whose signatures were found good: one is sent with every request. */
  private final ConcurrentMap<String, Good> good = new ConcurrentHashMap<>();

  private record Good(Access access, Date expires) {}

  /**
   * @param secrets the first signs; tokens signed with another are still read
   */
  public Tokens(
      List<String> secrets, Duration accessLifetime, Duration refreshLifetime, Clock clock) {
    List<MACVerifier> readers = new ArrayList<>();
    try {
      this.signer = new MACSigner(secrets.getFirst().getBytes(StandardCharsets.UTF_8));
      for (String secret : secrets) {
        readers.add(new MACVerifier(secret.getBytes(StandardCharsets.UTF_8)));
      }
    } catch (JOSEException e) {
      throw new IllegalArgumentException("the secret is shorter than 32 bytes", e);
    }
    this.verifiers = List.copyOf(readers);
    this.accessLifetime = accessLifetime;
    this.refreshLifetime = refreshLifetime;
    this.clock = clock;
  }

  public Duration accessLifetime() {
    return accessLifetime;
  }

  public Duration refreshLifetime() {
    return refreshLifetime;
  }

  /**
   * @param issuedAt whole seconds count
   */
  String access(UUID userId, Instant issuedAt) {
    return sign(
        new JWTClaimsSet.Builder()
            .subject(userId.toString())
            .claim("type", ACCESS)
            .issueTime(Date.from(issuedAt))
            .expirationTime(Date.from(issuedAt.plus(accessLifetime))));
  }

  String refresh(UUID userId, UUID sessionId, Instant issuedAt) {
    return sign(
        new JWTClaimsSet.Builder()
            .subject(userId.toString())
            .claim("sid", sessionId.toString())
            .claim("type", REFRESH)
            .issueTime(Date.from(issuedAt))
            .expirationTime(Date.from(issuedAt.plus(refreshLifetime))));
  }

  /** Empty for anything but a good access token that has not expired. */
  Optional<Access> readAccess(String token) {
    Good known = good.get(token);
    if (known != null) {
      return isLive(known.expires) ? Optional.of(known.access) : Optional.empty();
    }
    return read(token, ACCESS).flatMap(claims -> access(token, claims));
  }

  private Optional<Access> access(String token, JWTClaimsSet claims) {
    Optional<UUID> user = uuid(claims.getSubject());
    if (user.isEmpty() || claims.getIssueTime() == null) {
      return Optional.empty();
    }
    Access access = new Access(user.get(), claims.getIssueTime().toInstant());
    if (good.size() >= GOOD_MAX) {
      good.clear();
    }
    good.put(token, new Good(access, claims.getExpirationTime()));
    return Optional.of(access);
  }

  /** Empty for anything but a good refresh token that has not expired. */
  Optional<Refresh> readRefresh(String token) {
    return read(token, REFRESH)
        .flatMap(claims ->
            uuid(claims.getSubject())
                .flatMap(user -> uuid(claims.getClaim("sid")).map(sid -> new Refresh(user, sid))));
  }

  private Optional<JWTClaimsSet> read(String token, String type) {
    if (token.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!JWSAlgorithm.HS256.equals(jwt.getHeader().getAlgorithm()) || !isSigned(jwt)) {
        return Optional.empty();
      }
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Date expires = claims.getExpirationTime();
      return expires != null && isLive(expires) && type.equals(claims.getClaim("type"))
          ? Optional.of(claims)
          : Optional.empty();
    } catch (ParseException | JOSEException | RuntimeException _) {
      // Whatever a stranger's text does to the parser, it is not a token.
      return Optional.empty();
    }
  }

  private boolean isLive(Date expires) {
    return clock.instant().isBefore(expires.toInstant().plus(CLOCK_SKEW));
  }

  private boolean isSigned(SignedJWT jwt) throws JOSEException {
    for (MACVerifier verifier : verifiers) {
      if (jwt.verify(verifier)) {
        return true;
      }
    }
    return false;
  }

  private static Optional<UUID> uuid(Object text) {
    try {
      return text instanceof String id ? Optional.of(UUID.fromString(id)) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private String sign(JWTClaimsSet.Builder claims) {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build(),
            claims.build());
    try {
      jwt.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("this Java lacks HMAC-SHA256", e);
    }
    return jwt.serialize();
  }

  record Access(UUID userId, Instant issuedAt) {}

  record Refresh(UUID userId, UUID sessionId) {}
}
