package ai.liberclaw.core.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/** Makes keys for one purpose out of a key for many (HKDF-SHA256, RFC 5869, without salt). */
final class KeyDerivation {
  private static final int KEY_BYTES = 32;

  private KeyDerivation() {}

  /**
   * Another purpose gives a key that tells nothing of this one.
   *
   * @param purpose ASCII
   */
  static byte[] derive(byte[] key, String purpose) {
    byte[] info = purpose.getBytes(StandardCharsets.US_ASCII);
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(HKDFParameterSpec.ofExtract().addIKM(key).thenExpand(info, KEY_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks HKDF", e);
    }
  }
}
