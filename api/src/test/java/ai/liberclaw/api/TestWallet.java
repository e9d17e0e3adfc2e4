package ai.liberclaw.api;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;

/** A wallet that signs what it is shown. */
record TestWallet(ECKeyPair key) {
  static TestWallet fresh() {
    try {
      return new TestWallet(Keys.createEcKeyPair());
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** In lower case. */
  String address() {
    return "0x" + Keys.getAddress(key);
  }

  String sign(String text) {
    Sign.SignatureData signed =
        Sign.signPrefixedMessage(text.getBytes(StandardCharsets.UTF_8), key);
    HexFormat hex = HexFormat.of();
    return "0x"
        + hex.formatHex(signed.getR())
        + hex.formatHex(signed.getS())
        + hex.formatHex(signed.getV());
  }

  /** Asks for a challenge. */
  JsonNode challenge(TestApi api) throws IOException, InterruptedException {
    HttpResponse<String> answer = ask(api, address());
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return Json.parse(answer.body());
  }

  static HttpResponse<String> ask(TestApi api, String address, String... headers)
      throws IOException, InterruptedException {
    return api.call(
        "POST",
        "/auth/wallet/challenge",
        null,
        Json.write(Json.object().put("address", address)),
        headers);
  }

  /** The body that answers a challenge rightly. */
  String answer(JsonNode challenge) {
    return answer(
        address(), sign(challenge.get("message").textValue()), challenge.get("nonce").textValue());
  }

  static String answer(String address, String signature, String nonce) {
    return Json.write(
        Json.object().put("address", address).put("signature", signature).put("nonce", nonce));
  }
}
