package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/**
 * Proof to a compute node that a request comes from a machine's owner: a short-lived P-256 key that
 * the wallet signed, and the request signed by that key. Good for one node.
 */
final class OwnerOperation {
  private static final Duration KEY_AGE_MAX = Duration.ofMinutes(30);
  private static final int NUMBER_BYTES = 32;

  private final KeyPair key;
  private final String domain;
  private final String keyHeader;

  /**
   * @param domain the node's host name, for which alone the proof holds
   */
  OwnerOperation(AlephWallet wallet, String domain, Instant now) {
    this(wallet, domain, now.plus(KEY_AGE_MAX), newKey());
  }

  OwnerOperation(AlephWallet wallet, String domain, Instant expires, KeyPair key) {
    this.key = key;
    this.domain = domain;
    String payload = keyPayload((ECPublicKey) key.getPublic(), domain, wallet.address(), expires);
    ObjectNode header =
        Json.object()
            .put("sender", wallet.address())
            .put("payload", hex(payload))
            .put("signature", wallet.sign(payload));
    header.putObject("content").put("domain", domain);
    this.keyHeader = Json.write(header);
  }

  /** Headers for one POST to the given path, which has no query. */
  Map<String, String> headers(String path, Instant now) {
    String payload =
        Json.write(
            Json.object()
                .put("time", time(now))
                .put("method", "POST")
                .put("path", path)
                .put("domain", domain));
    ObjectNode operation =
        Json.object()
            .put("payload", hex(payload))
            .put("signature", HexFormat.of().formatHex(es256(payload)));
    return Map.of("X-SignedPubKey", keyHeader, "X-SignedOperation", Json.write(operation));
  }

  static String keyPayload(ECPublicKey key, String domain, String address, Instant expires) {
    ObjectNode json = Json.object();
    json.putObject("pubkey")
        .put("crv", "P-256")
        .put("kty", "EC")
        .put("x", base64(key.getW().getAffineX()))
        .put("y", base64(key.getW().getAffineY()));
    json.put("alg", "ECDSA")
        .put("domain", domain)
        .put("address", address)
        .put("expires", time(expires))
        .put("chain", "ETH");
    return Json.write(json);
  }

  private byte[] es256(String text) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key.getPrivate());
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks ES256", e);
    }
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks P-256", e);
    }
  }

  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] fixed = new byte[NUMBER_BYTES];
    int used = Math.min(bytes.length, NUMBER_BYTES);
    System.arraycopy(bytes, bytes.length - used, fixed, NUMBER_BYTES - used, used);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
  }
}
