package ai.liberclaw.api.idtoken;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The keys a provider published, by id.
 *
 * @param fetchedAt when they were asked for
 */
record PublishedKeys(Map<String, RSAPublicKey> byId, Instant fetchedAt) {
  private static final int BITS_MIN = 2048;

  PublishedKeys {
    byId = Map.copyOf(byId);
  }

  /**
   * Reads a key set (RFC 7517) and leaves out what RS256 cannot be checked by.
   *
   * @throws ParseException when it is none, or nothing is left of it
   */
  static PublishedKeys parse(byte[] json, Instant fetchedAt) throws ParseException {
    Map<String, RSAPublicKey> keys = new HashMap<>();
    for (JWK key : JWKSet.parse(new String(json, StandardCharsets.UTF_8)).getKeys()) {
      if (key instanceof RSAKey rsa && key.getKeyID() != null && signs(rsa)) {
        try {
          keys.put(key.getKeyID(), rsa.toRSAPublicKey());
        } catch (JOSEException e) {
          throw new ParseException("not an RSA key", 0);
        }
      }
    }
    if (keys.isEmpty()) {
      throw new ParseException("no usable key", 0);
    }
    return new PublishedKeys(keys, fetchedAt);
  }

  Optional<RSAPublicKey> key(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  boolean youngerThan(Duration age, Instant now) {
    return now.isBefore(fetchedAt.plus(age));
  }

  private static boolean signs(RSAKey key) {
    return (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
        && (key.getAlgorithm() == null || key.getAlgorithm().equals(JWSAlgorithm.RS256))
        && key.size() >= BITS_MIN;
  }
}
