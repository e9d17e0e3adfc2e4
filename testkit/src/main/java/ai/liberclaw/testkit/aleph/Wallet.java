package ai.liberclaw.testkit.aleph;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks what an Ethereum wallet signed (EIP-191, EIP-55), on {@link BigInteger} alone: slow, and
 * independent of the library that signs.
 */
public final class Wallet {
  private static final BigInteger P =
      new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16);
  static final BigInteger N =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  static final Point G =
      new Point(
          new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16),
          new BigInteger("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", 16));

  /** Null stands for the point at infinity. */
  record Point(BigInteger x, BigInteger y) {}

  private Wallet() {}

  /**
   * Why a signature is not the sender's; empty when it is. It must be as wallets make it: {@code
   * 0x}, 65 bytes, s in the lower half, v 27 or 28.
   */
  public static Optional<String> problem(String sender, byte[] message, String signature) {
    if (!signature.matches("0x[0-9a-fA-F]{130}")) {
      return Optional.of("the signature is not 0x and 65 bytes in hex");
    }
    byte[] bytes = HexFormat.of().parseHex(signature, 2, signature.length());
    BigInteger r = new BigInteger(1, Arrays.copyOfRange(bytes, 0, 32));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(bytes, 32, 64));
    int v = bytes[64];
    if (v != 27 && v != 28) {
      return Optional.of("v is " + v + ", not 27 or 28");
    }
    if (r.signum() == 0 || r.compareTo(N) >= 0 || s.signum() == 0) {
      return Optional.of("r or s is out of range");
    }
    if (s.compareTo(N.shiftRight(1)) > 0) {
      return Optional.of("s is in the upper half");
    }
    Optional<String> address = recover(digest(message), r, s, v - 27);
    if (address.isEmpty()) {
      return Optional.of("no key makes this signature");
    }
    return address.get().equalsIgnoreCase(sender)
        ? Optional.empty()
        : Optional.of("signed by " + address.get() + ", not by " + sender);
  }

  /** The address in its mixed case (EIP-55); its digits' case in the argument does not count. */
  public static String checksummed(String address) {
    String digits = address.substring(2).toLowerCase(Locale.ROOT);
    byte[] hash = Keccak.hash(digits.getBytes(StandardCharsets.US_ASCII));
    StringBuilder text = new StringBuilder("0x");
    for (int i = 0; i < digits.length(); i++) {
      int nibble = (hash[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xf;
      char c = digits.charAt(i);
      text.append(nibble >= 8 ? Character.toUpperCase(c) : c);
    }
    return text.toString();
  }

  static byte[] digest(byte[] message) {
    byte[] prefix =
        ("\u0019Ethereum Signed Message:\n" + message.length).getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(prefix, prefix.length + message.length);
    System.arraycopy(message, 0, all, prefix.length, message.length);
    return Keccak.hash(all);
  }

  private static Optional<String> recover(byte[] digest, BigInteger r, BigInteger s, int parity) {
    BigInteger square = r.modPow(BigInteger.valueOf(3), P).add(BigInteger.valueOf(7)).mod(P);
    BigInteger y = square.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
    if (!y.modPow(BigInteger.TWO, P).equals(square)) {
      return Optional.empty();
    }
    if (y.testBit(0) != (parity == 1)) {
      y = P.subtract(y);
    }
    BigInteger inverse = r.modInverse(N);
    BigInteger e = new BigInteger(1, digest).mod(N);
    Point key =
        add(
            times(new Point(r, y), s.multiply(inverse).mod(N)),
            times(G, e.negate().multiply(inverse).mod(N)));
    if (key == null) {
      return Optional.empty();
    }
    return Optional.of(address(key));
  }

  static String address(Point key) {
    byte[] encoded = HexFormat.of().parseHex(hex64(key.x()) + hex64(key.y()));
    byte[] hash = Keccak.hash(encoded);
    return checksummed("0x" + HexFormat.of().formatHex(hash, 12, 32));
  }

  static String hex64(BigInteger value) {
    String digits = value.toString(16);
    return "0".repeat(64 - digits.length()) + digits;
  }

  static @Nullable Point times(Point point, BigInteger factor) {
    Point sum = null;
    for (int bit = factor.bitLength() - 1; bit >= 0; bit--) {
      sum = add(sum, sum);
      if (factor.testBit(bit)) {
        sum = add(sum, point);
      }
    }
    return sum;
  }

  private static @Nullable Point add(@Nullable Point a, @Nullable Point b) {
    if (a == null) {
      return b;
    }
    if (b == null) {
      return a;
    }
    BigInteger slope;
    if (a.x().equals(b.x())) {
      if (!a.y().equals(b.y())) {
        return null;
      }
      slope =
          a.x()
              .pow(2)
              .multiply(BigInteger.valueOf(3))
              .multiply(a.y().shiftLeft(1).modInverse(P))
              .mod(P);
    } else {
      slope = b.y().subtract(a.y()).multiply(b.x().subtract(a.x()).mod(P).modInverse(P)).mod(P);
    }
    BigInteger x = slope.pow(2).subtract(a.x()).subtract(b.x()).mod(P);
    BigInteger y = slope.multiply(a.x().subtract(x)).subtract(a.y()).mod(P);
    return new Point(x, y);
  }
}
