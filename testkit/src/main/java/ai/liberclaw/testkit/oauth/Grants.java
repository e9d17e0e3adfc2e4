package ai.liberclaw.testkit.oauth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Codes and access tokens, each with what it was given out for. */
final class Grants {
  /** What the client said when it sent the browser. */
  record Authorization(Person person, String redirectUri, String codeChallenge, String nonce) {}

  private final Map<String, Authorization> codes = new ConcurrentHashMap<>();
  private final Map<String, Person> tokens = new ConcurrentHashMap<>();

  String code(Authorization authorization) {
    String code = UUID.randomUUID().toString();
    codes.put(code, authorization);
    return code;
  }

  /** Empty for a code that is unknown or used, or was not asked for by who comes now. */
  Optional<Authorization> redeem(String code, String redirectUri, String codeVerifier) {
    return Optional.ofNullable(codes.remove(code))
        .filter(a -> a.redirectUri().equals(redirectUri))
        .filter(a -> a.codeChallenge().equals(challenge(codeVerifier)));
  }

  String token(Person person) {
    String token = "token-" + UUID.randomUUID();
    tokens.put(token, person);
    return token;
  }

  Optional<Person> holder(String token) {
    return Optional.ofNullable(tokens.get(token));
  }

  /** S256 of RFC 7636. */
  private static String challenge(String verifier) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
