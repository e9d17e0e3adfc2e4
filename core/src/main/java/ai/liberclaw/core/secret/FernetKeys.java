package ai.liberclaw.core.secret;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A ring of Fernet keys: the first encrypts, all of them decrypt. */
public final class FernetKeys {
  private final List<Fernet> keys;

  private FernetKeys(List<Fernet> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads {@code current,old1,old2}; blanks around a key don't matter.
   *
   * @param acceptUnpadded see {@link Fernet#of}
   * @throws IllegalArgumentException naming the place of the bad key in the list, and how to make a
   *     good one; no key is in the message
   */
  public static FernetKeys parse(String commaSeparated, boolean acceptUnpadded) {
    List<Fernet> keys = new ArrayList<>();
    String[] parts = commaSeparated.split(",", -1);
    for (int i = 0; i < parts.length; i++) {
      try {
        keys.add(Fernet.of(parts[i].strip(), acceptUnpadded));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            (parts.length == 1 ? "" : "key " + (i + 1) + " of " + parts.length + ": ")
                + e.getMessage());
      }
    }
    return new FernetKeys(keys);
  }

  /** Encrypts under the current key. */
  public String encrypt(String plaintext) {
    return keys.getFirst().encrypt(plaintext);
  }

  /** The same ring for columns that the original does not know. */
  public Envelope envelope() {
    return new Envelope(keys.stream().map(Fernet::key).toList());
  }

  /**
   * A key of 32 bytes for another purpose from each of the ring, in its order. Neither the ring nor
   * the keys of other purposes can be told from them.
   *
   * @param purpose ASCII, such as {@code liberclaw-inference-token}
   */
  public List<byte[]> derived(String purpose) {
    return keys.stream().map(key -> KeyDerivation.derive(key.key(), purpose)).toList();
  }

  /**
   * @throws InvalidTokenException when no key of the ring reads the token
   */
  public String decrypt(String token) {
    for (Fernet key : keys) {
      try {
        return key.decrypt(token);
      } catch (InvalidTokenException e) {
        // The next key may be the one.
      }
    }
    throw new InvalidTokenException();
  }

  /**
   * The same text under the current key.
   *
   * @return empty when the token is under the current key already
   * @throws InvalidTokenException when no key of the ring reads the token
   */
  public Optional<String> renewed(String token) {
    try {
      keys.getFirst().decrypt(token);
      return Optional.empty();
    } catch (InvalidTokenException e) {
      return Optional.of(encrypt(decrypt(token)));
    }
  }
}
