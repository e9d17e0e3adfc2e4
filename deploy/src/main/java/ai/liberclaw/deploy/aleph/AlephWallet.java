package ai.liberclaw.deploy.aleph;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;

/** The account that owns and pays for machines. Its key signs and is never shown. */
public final class AlephWallet {
  private static final Pattern SYNTAX = Pattern.compile("(?:0x)?([0-9a-fA-F]{64})");

  private final ECKeyPair keys;
  private final String address;

  private AlephWallet(ECKeyPair keys) {
    this.keys = keys;
    this.address = Keys.toChecksumAddress(Keys.getAddress(keys));
  }

  /**
   * @param privateKey 64 hexadecimal digits, with or without {@code 0x}
   * @throws IllegalArgumentException when it is no key; the text does not hold it
   */
  public static AlephWallet of(String privateKey) {
    var syntax = SYNTAX.matcher(privateKey.strip());
    if (!syntax.matches()) {
      throw new IllegalArgumentException("must be 64 hexadecimal digits");
    }
    BigInteger number = new BigInteger(syntax.group(1), 16);
    if (number.signum() == 0 || number.compareTo(Sign.CURVE_PARAMS.getN()) >= 0) {
      throw new IllegalArgumentException("must be a key of the curve secp256k1");
    }
    return new AlephWallet(ECKeyPair.create(number));
  }

  /** In EIP-55 form, which the network wants everywhere alike. */
  public String address() {
    return address;
  }

  /** Signs a text as wallets do (EIP-191): {@code 0x} and r, s, v in hexadecimal digits. */
  String sign(String text) {
    Sign.SignatureData data = Sign.signPrefixedMessage(text.getBytes(StandardCharsets.UTF_8), keys);
    HexFormat hex = HexFormat.of();
    return "0x"
        + hex.formatHex(data.getR())
        + hex.formatHex(data.getS())
        + hex.formatHex(data.getV());
  }

  @Override
  public String toString() {
    return "AlephWallet[" + address + "]";
  }
}
