package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** Who asks a node to act on a machine: two signed headers, checked as nodes check them. */
final class OwnerProof {
  private static final Duration SKEW_MAX = Duration.ofMinutes(2);
  private static final Duration KEY_LIFE_MAX = Duration.ofDays(1);

  /** The proof is bad. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    final int status;

    Refused(int status, String why) {
      super(why);
      this.status = status;
    }
  }

  private OwnerProof() {}

  /**
   * Checks a request's headers.
   *
   * @param domain the node's own
   * @return the address that asks
   */
  static String address(Request request, String domain, Instant now) throws Refused {
    JsonNode key = header(request, "x-signedpubkey");
    JsonNode operation = header(request, "x-signedoperation");
    byte[] keyPayload = hex(key.path("payload").asText());
    JsonNode granted = json(keyPayload);
    String address = granted.path("address").asText();
    Instant expires = instant(granted.path("expires").asText());
    if (!expires.isAfter(now)) {
      throw new Refused(401, "Token expired");
    }
    if (expires.isAfter(now.plus(KEY_LIFE_MAX).plus(SKEW_MAX))) {
      throw new Refused(400, "the key would live for more than a day");
    }
    if (!granted.path("chain").asText("ETH").equals("ETH")) {
      throw new Refused(400, "Chain not supported");
    }
    Optional<String> unsigned = Wallet.problem(address, keyPayload, key.path("signature").asText());
    if (unsigned.isPresent()) {
      throw new Refused(401, "Invalid signature: " + unsigned.get());
    }
    byte[] payload = hex(operation.path("payload").asText());
    JsonNode asked = json(payload);
    Duration skew = Duration.between(instant(asked.path("time").asText()), now).abs();
    if (skew.compareTo(SKEW_MAX) > 0) {
      throw new Refused(400, "Time is too far in the past or future");
    }
    require(asked.path("domain").asText(), domain, "domain");
    require(asked.path("path").asText(), request.path(), "path");
    require(asked.path("method").asText(), request.method(), "method");
    if (!isSigned(granted.path("pubkey"), payload, hex(operation.path("signature").asText()))) {
      throw new Refused(401, "Signature could not verified");
    }
    return address;
  }

  private static void require(String value, String wanted, String name) throws Refused {
    // A real node is known by its host name; one on loopback also by its port.
    if (!value.equals(wanted) && !(name.equals("domain") && wanted.startsWith(value + ":"))) {
      throw new Refused(401, "Invalid " + name);
    }
  }

  private static boolean isSigned(JsonNode jwk, byte[] payload, byte[] signature) throws Refused {
    try {
      Signature check = Signature.getInstance("SHA256withECDSAinP1363Format");
      check.initVerify(publicKey(jwk));
      check.update(payload);
      return check.verify(signature);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new Refused(400, "the key or signature is malformed: " + e.getMessage());
    }
  }

  private static PublicKey publicKey(JsonNode jwk) throws GeneralSecurityException, Refused {
    if (!jwk.path("kty").asText().equals("EC") || !jwk.path("crv").asText().equals("P-256")) {
      throw new Refused(400, "the key is not on P-256");
    }
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    ECPoint point = new ECPoint(number(jwk.path("x")), number(jwk.path("y")));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(point, parameters.getParameterSpec(ECParameterSpec.class)));
  }

  private static BigInteger number(JsonNode base64Url) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(base64Url.asText()));
  }

  private static JsonNode header(Request request, String name) throws Refused {
    String text = request.headers().get(name);
    if (text == null) {
      throw new Refused(400, "Missing " + name + " header");
    }
    return json(text.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode json(byte[] bytes) throws Refused {
    try {
      return Json.parse(bytes);
    } catch (JsonException e) {
      throw new Refused(400, "a header or payload is no JSON");
    }
  }

  private static byte[] hex(String text) throws Refused {
    try {
      return HexFormat.of().parseHex(text.startsWith("0x") ? text.substring(2) : text);
    } catch (IllegalArgumentException e) {
      throw new Refused(400, "a payload or signature is not hex");
    }
  }

  private static Instant instant(String text) throws Refused {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new Refused(400, "a time is malformed");
    }
  }
}
