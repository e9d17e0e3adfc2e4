package ai.liberclaw.deploy.host;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.digest.BuiltinDigests;

/**
 * The public key by which a host is known.
 *
 * @param line type and key as in {@code known_hosts}: {@code ssh-ed25519 AAAA…}
 */
public record HostKey(String line) {
  /**
   * @throws IllegalArgumentException for anything but a public key
   */
  public HostKey {
    line = written(read(line));
  }

  static HostKey of(PublicKey key) {
    return new HostKey(written(key));
  }

  /** As {@code ssh-keygen -l} and {@code ssh} show it: {@code SHA256:…}. */
  public String fingerprint() {
    return KeyUtils.getFingerPrint(BuiltinDigests.sha256, read(line));
  }

  /** The key's type: {@code ssh-ed25519}. */
  public String type() {
    return line.substring(0, line.indexOf(' '));
  }

  boolean is(PublicKey key) {
    return KeyUtils.compareKeys(read(line), key);
  }

  private static String written(PublicKey key) {
    return PublicKeyEntry.toString(key);
  }

  private static PublicKey read(String line) {
    try {
      PublicKey key =
          PublicKeyEntry.parsePublicKeyEntry(line.strip()).resolvePublicKey(null, null, null);
      if (key == null) {
        throw new IllegalArgumentException("not a public key");
      }
      return key;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new IllegalArgumentException("not a public key", e);
    }
  }

  @Override
  public String toString() {
    return fingerprint();
  }
}
