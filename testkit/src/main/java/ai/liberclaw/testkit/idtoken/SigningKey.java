package ai.liberclaw.testkit.idtoken;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/** An RSA key pair under a name, as a provider has it. */
final class SigningKey {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final String id;
  private final KeyPair pair;

  SigningKey(String id, KeyPair pair) {
    this.id = id;
    this.pair = pair;
  }

  String id() {
    return id;
  }

  /** The public part as RFC 7517 writes it. */
  ObjectNode published() {
    RSAPublicKey key = (RSAPublicKey) pair.getPublic();
    return Json.object()
        .put("kty", "RSA")
        .put("use", "sig")
        .put("alg", "RS256")
        .put("kid", id)
        .put("n", number(key.getModulus()))
        .put("e", number(key.getPublicExponent()));
  }

  /** A compact JSON web signature by RS256, whatever the header claims. */
  String sign(ObjectNode header, ObjectNode claims) {
    String content = part(header) + "." + part(claims);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks SHA256withRSA", e);
    }
  }

  /** The public key's own bytes (X.509), which are no secret. */
  byte[] publicBytes() {
    return pair.getPublic().getEncoded();
  }

  static String part(JsonNode json) {
    return BASE64.encodeToString(Json.writeBytes(json));
  }

  private static String number(BigInteger value) {
    byte[] bytes = value.toByteArray();
    int start = bytes[0] == 0 ? 1 : 0;
    return BASE64.encodeToString(java.util.Arrays.copyOfRange(bytes, start, bytes.length));
  }
}
