package ai.liberclaw.testkit.keys;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.List;

/**
 * RSA key pairs of 2048 bits that everybody knows. Finding new ones takes a second each on Java
 * without its second compiler, which is what tests run on.
 */
public final class KnownRsaKeys {
  /** How many there are. */
  public static final int COUNT = 16;

  private static final BigInteger EXPONENT = BigInteger.valueOf(65537);

  private KnownRsaKeys() {}

  /**
   * The same one for the same index, different ones for different.
   *
   * @param index below {@link #COUNT}
   */
  public static KeyPair pair(int index) {
    List<String> primes = primes();
    BigInteger p = new BigInteger(primes.get(2 * index), 16);
    BigInteger q = new BigInteger(primes.get(2 * index + 1), 16);
    BigInteger modulus = p.multiply(q);
    BigInteger beforeP = p.subtract(BigInteger.ONE);
    BigInteger beforeQ = q.subtract(BigInteger.ONE);
    BigInteger secret = EXPONENT.modInverse(beforeP.multiply(beforeQ));
    try {
      KeyFactory factory = KeyFactory.getInstance("RSA");
      return new KeyPair(
          factory.generatePublic(new RSAPublicKeySpec(modulus, EXPONENT)),
          factory.generatePrivate(
              new RSAPrivateCrtKeySpec(
                  modulus,
                  EXPONENT,
                  secret,
                  p,
                  q,
                  secret.mod(beforeP),
                  secret.mod(beforeQ),
                  q.modInverse(p))));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks RSA", e);
    }
  }

  private static List<String> primes() {
    try (InputStream in = KnownRsaKeys.class.getResourceAsStream("primes.txt")) {
      if (in == null) {
        throw new IllegalStateException("primes.txt is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
