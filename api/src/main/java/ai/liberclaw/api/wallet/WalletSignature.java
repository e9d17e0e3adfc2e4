package ai.liberclaw.api.wallet;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;

/**
 * A signature of a text by an account's own key (EIP-191, {@code personal_sign}): r, s and v. Of
 * the two signatures that recover the same key only the one with the lower s is taken, so one
 * signature has one form.
 */
final class WalletSignature {
  private static final Pattern SYNTAX = Pattern.compile("(?:0x)?([0-9a-fA-F]{130})");
  private static final BigInteger ORDER = Sign.CURVE_PARAMS.getN();
  private static final BigInteger HALF_ORDER = ORDER.shiftRight(1);

  /** Added to the parity of the point by most wallets, and not by some. */
  private static final int V_OFFSET = 27;

  private final Sign.SignatureData data;

  private WalletSignature(Sign.SignatureData data) {
    this.data = data;
  }

  /** Empty for what is no signature in the form that is taken. */
  static Optional<WalletSignature> parse(String hex) {
    var syntax = SYNTAX.matcher(hex);
    if (!syntax.matches()) {
      return Optional.empty();
    }
    byte[] bytes = HexFormat.of().parseHex(syntax.group(1));
    byte[] r = Arrays.copyOfRange(bytes, 0, 32);
    byte[] s = Arrays.copyOfRange(bytes, 32, 64);
    int v = bytes[64] & 0xff;
    int parity = v >= V_OFFSET ? v - V_OFFSET : v;
    if (parity > 1 || !within(r, ORDER.subtract(BigInteger.ONE)) || !within(s, HALF_ORDER)) {
      return Optional.empty();
    }
    return Optional.of(
        new WalletSignature(new Sign.SignatureData((byte) (V_OFFSET + parity), r, s)));
  }

  /** Whether the owner of this address signed exactly this text. */
  boolean isOf(String text, WalletAddress address) {
    try {
      BigInteger key = Sign.signedPrefixedMessageToKey(text.getBytes(StandardCharsets.UTF_8), data);
      return address.lower().equals("0x" + Keys.getAddress(key));
    } catch (SignatureException | RuntimeException _) {
      // Numbers in range of which no key can be recovered.
      return false;
    }
  }

  private static boolean within(byte[] number, BigInteger max) {
    BigInteger value = new BigInteger(1, number);
    return value.signum() > 0 && value.compareTo(max) <= 0;
  }
}
