package ai.liberclaw.api.idtoken;

import ai.liberclaw.core.error.Refusal;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.Optional;
import java.util.Set;

/** Checks the ID tokens of one provider. Only RS256 is read, whatever a token's header says. */
final class IdTokens {
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);
  private static final int SUBJECT_LENGTH_MAX = 255;

  private final KeySet keys;
  private final Set<String> issuers;
  private final Set<String> audiences;
  private final Clock clock;

  /**
   * @param audiences any one of them is enough
   */
  IdTokens(KeySet keys, Set<String> issuers, Set<String> audiences, Clock clock) {
    this.keys = keys;
    this.issuers = Set.copyOf(issuers);
    this.audiences = Set.copyOf(audiences);
    this.clock = clock;
  }

  /**
   * What a good token says. Empty for any other.
   *
   * @throws Refusal 503 when the provider's keys are not to be had
   */
  Optional<JWTClaimsSet> read(String token) {
    SignedJWT jwt;
    JWTClaimsSet claims;
    try {
      jwt = SignedJWT.parse(token);
      claims = jwt.getJWTClaimsSet();
    } catch (ParseException | RuntimeException _) {
      // Whatever a stranger's text does to the parser, it is not a token.
      return Optional.empty();
    }
    String keyId = jwt.getHeader().getKeyID();
    // The claims first: nobody makes us ask for keys by a token that is no good anyway.
    if (!JWSAlgorithm.RS256.equals(jwt.getHeader().getAlgorithm())
        || keyId == null
        || !isMeantForUs(claims)) {
      return Optional.empty();
    }
    return keys.find(keyId).filter(key -> isSigned(jwt, key)).map(_ -> claims);
  }

  private boolean isMeantForUs(JWTClaimsSet claims) {
    Instant now = clock.instant();
    Date expires = claims.getExpirationTime();
    Date notBefore = claims.getNotBeforeTime();
    String subject = claims.getSubject();
    return expires != null
        && now.isBefore(expires.toInstant().plus(CLOCK_SKEW))
        && (notBefore == null || !now.plus(CLOCK_SKEW).isBefore(notBefore.toInstant()))
        && claims.getIssuer() != null
        && issuers.contains(claims.getIssuer())
        && !Collections.disjoint(audiences, claims.getAudience())
        && subject != null
        && !subject.isBlank()
        && subject.length() <= SUBJECT_LENGTH_MAX
        && subject.chars().noneMatch(Character::isISOControl);
  }

  private static boolean isSigned(SignedJWT jwt, RSAPublicKey key) {
    try {
      return jwt.verify(new RSASSAVerifier(key));
    } catch (JOSEException | RuntimeException _) {
      return false;
    }
  }
}
