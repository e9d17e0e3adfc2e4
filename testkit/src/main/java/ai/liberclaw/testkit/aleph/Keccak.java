package ai.liberclaw.testkit.aleph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Keccak-256 as Ethereum uses it: the padding is not that of SHA-3. */
final class Keccak {
  private static final int RATE_BYTES = 136;
  private static final int ROUNDS = 24;

  private Keccak() {}

  static byte[] hash(byte[] message) {
    int blocks = message.length / RATE_BYTES + 1;
    byte[] padded = Arrays.copyOf(message, blocks * RATE_BYTES);
    padded[message.length] ^= 0x01;
    padded[padded.length - 1] ^= (byte) 0x80;
    ByteBuffer words = ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN);
    long[] state = new long[25];
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < RATE_BYTES / 8; i++) {
        state[i] ^= words.getLong();
      }
      permute(state);
    }
    ByteBuffer out = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      out.putLong(state[i]);
    }
    return out.array();
  }

  /** Keccak-f[1600]; the lane at column x and row y is {@code a[x + 5 * y]}. */
  private static void permute(long[] a) {
    int register = 1;
    for (int round = 0; round < ROUNDS; round++) {
      long[] parity = new long[5];
      for (int x = 0; x < 5; x++) {
        parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
      }
      for (int i = 0; i < 25; i++) {
        a[i] ^= parity[(i + 4) % 5] ^ Long.rotateLeft(parity[(i + 1) % 5], 1);
      }
      int x = 1;
      int y = 0;
      long moved = a[1];
      for (int t = 0; t < 24; t++) {
        int nextY = (2 * x + 3 * y) % 5;
        x = y;
        y = nextY;
        long next = a[x + 5 * y];
        a[x + 5 * y] = Long.rotateLeft(moved, (t + 1) * (t + 2) / 2);
        moved = next;
      }
      for (int row = 0; row < 25; row += 5) {
        long[] b = Arrays.copyOfRange(a, row, row + 5);
        for (int i = 0; i < 5; i++) {
          a[row + i] = b[i] ^ (~b[(i + 1) % 5] & b[(i + 2) % 5]);
        }
      }
      // Round constants come from an eight-bit shift register.
      for (int j = 0; j <= 6; j++) {
        if ((register & 1) != 0) {
          a[0] ^= 1L << ((1 << j) - 1);
        }
        register <<= 1;
        if ((register & 0x100) != 0) {
          register ^= 0x171;
        }
      }
    }
  }
}
