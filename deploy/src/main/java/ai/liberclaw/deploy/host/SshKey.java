package ai.liberclaw.deploy.host;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.util.security.SecurityUtils;

/** A key pair to log in with. Its private half is not shown. */
public final class SshKey {
  private static final String ALGORITHM = "Ed25519";
  private static final String COMMENT = "liberclaw";

  private final KeyPair pair;
  private final String text;

  private SshKey(KeyPair pair, String text) {
    this.pair = pair;
    this.text = text;
  }

  /** A new ed25519 key. */
  public static SshKey generate() {
    try {
      KeyPair pair = SecurityUtils.getKeyPairGenerator(ALGORITHM).generateKeyPair();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, COMMENT, null, out);
      return new SshKey(pair, out.toString(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java lacks Ed25519", e);
    }
  }

  /**
   * Reads a private key as {@code ssh-keygen} writes it, without a passphrase.
   *
   * @throws IllegalArgumentException with a message that holds nothing of it
   */
  public static SshKey read(String privateKey) {
    try {
      Iterable<KeyPair> pairs =
          SecurityUtils.loadKeyPairIdentities(
              null,
              NamedResource.ofName("key"),
              new ByteArrayInputStream(privateKey.getBytes(StandardCharsets.UTF_8)),
              FilePasswordProvider.EMPTY);
      if (pairs != null) {
        for (KeyPair pair : pairs) {
          return new SshKey(pair, privateKey);
        }
      }
    } catch (GeneralSecurityException | IOException | RuntimeException _) {
      // The cause may quote the text.
    }
    throw new IllegalArgumentException("not a private key without a passphrase");
  }

  /** The private key in OpenSSH's format; for encrypted storage alone. */
  public String privateKey() {
    return text;
  }

  /** The line for {@code authorized_keys}. */
  public String authorizedKey() {
    return PublicKeyEntry.toString(pair.getPublic()) + " " + COMMENT;
  }

  KeyPair pair() {
    return pair;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SshKey key && key.pair.getPublic().equals(pair.getPublic());
  }

  @Override
  public int hashCode() {
    return pair.getPublic().hashCode();
  }

  @Override
  public String toString() {
    return "SshKey[" + PublicKeyEntry.toString(pair.getPublic()) + "]";
  }
}
