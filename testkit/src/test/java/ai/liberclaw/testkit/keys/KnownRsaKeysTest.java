package ai.liberclaw.testkit.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KnownRsaKeysTest {
  @Test
  void eachSignsWhatItsOwnPublicKeyVerifiesAndNoTwoAreTheSame() throws Exception {
    Set<BigInteger> seen = new HashSet<>();
    for (int i = 0; i < KnownRsaKeys.COUNT; i++) {
      KeyPair pair = KnownRsaKeys.pair(i);
      RSAPublicKey open = (RSAPublicKey) pair.getPublic();
      assertEquals(2048, open.getModulus().bitLength());
      assertTrue(seen.add(open.getModulus()));
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update((byte) i);
      byte[] signed = signature.sign();
      signature.initVerify(open);
      signature.update((byte) i);
      assertTrue(signature.verify(signed));
    }
  }
}
