package ai.liberclaw.deploy.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The messages of the network's own kit, byte for byte. */
final class AlephVectorsTest {
  private static final JsonNode VECTORS = vectors();
  private static final AlephWallet WALLET =
      AlephWallet.of(VECTORS.path("about").path("private_key").asText());

  @Test
  void theAddressIsTheKeys() {
    assertEquals(VECTORS.path("about").path("address").asText(), WALLET.address());
    assertFalse(WALLET.toString().contains("0101"), "the key is not shown");
  }

  @TestFactory
  Stream<DynamicTest> messagesAreBuiltHashedAndSignedAlike() {
    return StreamSupport.stream(VECTORS.path("vectors").spliterator(), false)
        .map(vector -> DynamicTest.dynamicTest(vector.path("name").asText(), () -> same(vector)));
  }

  private static void same(JsonNode vector) {
    JsonNode expected = vector.path("post_body").path("message");
    AlephMessage message = rebuilt(expected);
    JsonNode sent = Json.parse(message.text());
    assertEquals(vector.path("item_content").asText(), sent.path("item_content").asText());
    assertEquals(vector.path("item_hash").asText(), message.hash());
    assertEquals(
        vector.path("verification_buffer").asText(),
        AlephMessage.signed(WALLET.address(), message.type(), message.hash()));
    assertEquals(vector.path("signature").asText(), sent.path("signature").asText());
    assertEquals(expected, sent);
    assertTrue(
        message
            .text()
            .contains("\"time\":" + expected.path("time").decimalValue().toPlainString()));
    assertEquals(message, AlephMessage.parse(message.text()));
  }

  /** Made anew by our own writers from what the vector's content says. */
  private static AlephMessage rebuilt(JsonNode message) {
    JsonNode content = Json.parse(message.path("item_content").asText());
    String channel = message.path("channel").asText();
    BigDecimal seconds = new BigDecimal(content.path("time").asText());
    Instant time =
        Instant.ofEpochSecond(
            seconds.longValue(),
            seconds.remainder(BigDecimal.ONE).movePointRight(9).longValueExact());
    return switch (message.path("type").asText()) {
      case "INSTANCE" -> {
        JsonNode resources = content.path("resources");
        JsonNode rootfs = content.path("rootfs");
        List<ObjectNode> volumes = new ArrayList<>();
        content.path("volumes").forEach(volume -> volumes.add((ObjectNode) volume));
        yield new InstanceContent(
                content.path("address").asText(),
                time,
                words(content.path("metadata")),
                texts(content.path("authorized_keys")),
                words(content.path("variables")),
                new InstanceContent.MachineSize(
                    resources.path("vcpus").asInt(),
                    resources.path("memory").asInt(),
                    rootfs.path("size_mib").asInt()),
                new InstanceContent.Rootfs(rootfs.path("parent").path("ref").asText(), true),
                content.path("requirements").path("node").path("node_hash").asText(),
                volumes)
            .sign(WALLET, channel);
      }
      case "FORGET" ->
          InstanceContent.forget(
              WALLET,
              channel,
              texts(content.path("hashes")),
              Optional.ofNullable(content.path("reason").textValue()),
              time);
      default -> {
        Map.Entry<String, JsonNode> entry = content.path("content").properties().iterator().next();
        List<Integer> ports =
            entry.getValue().path("ports").properties().stream()
                .map(port -> Integer.valueOf(port.getKey()))
                .toList();
        yield InstanceContent.ports(WALLET, channel, entry.getKey(), ports, time);
      }
    };
  }

  @TestFactory
  Stream<DynamicTest> whatIsNotSignedIsNotTaken() {
    return StreamSupport.stream(VECTORS.path("negative").spliterator(), false)
        .map(vector ->
            DynamicTest.dynamicTest(
                vector.path("name").asText(),
                () -> {
                  if (vector.has("claimed_item_hash")) {
                    String text =
                        Json.write(
                            Json.object()
                                .put("type", "INSTANCE")
                                .put("item_hash", vector.path("claimed_item_hash").asText())
                                .put("item_content", vector.path("item_content").asText()));
                    assertThrows(IllegalArgumentException.class, () -> AlephMessage.parse(text));
                  } else {
                    assertNotEquals(
                        vector.path("signature").asText(),
                        WALLET.sign(vector.path("verification_buffer").asText()));
                  }
                }));
  }

  @Test
  void ownersProveThemselvesToComputeNodes() throws GeneralSecurityException {
    JsonNode vector = VECTORS.path("crn_owner_auth");
    String payload = vector.path("pubkey_payload_text").asText();
    assertEquals(vector.path("pubkey_signature").asText(), WALLET.sign(payload));

    JsonNode stated = Json.parse(payload);
    KeyPair pair = pair(stated.path("pubkey"), vector);
    String domain = stated.path("domain").asText();
    Instant expires = Instant.parse(stated.path("expires").asText());
    ECPublicKey key = (ECPublicKey) pair.getPublic();
    assertEquals(
        stated, Json.parse(OwnerOperation.keyPayload(key, domain, WALLET.address(), expires)));

    String operation = vector.path("operation_payload_text").asText();
    assertTrue(verifies(key, operation, vector.path("es256_signature_raw_hex").asText()));
    JsonNode statedOperation = Json.parse(operation);
    Map<String, String> headers =
        new OwnerOperation(WALLET, domain, expires, pair)
            .headers(
                statedOperation.path("path").asText(),
                Instant.parse(statedOperation.path("time").asText()));
    JsonNode ours = header(headers, "X-SignedOperation");
    String oursText = text(ours.path("payload").asText());
    assertEquals(statedOperation, Json.parse(oursText));
    assertTrue(verifies(key, oursText, ours.path("signature").asText()));
    JsonNode oursKey = header(headers, "X-SignedPubKey");
    assertEquals(stated, Json.parse(text(oursKey.path("payload").asText())));
    assertEquals(
        Json.parse(vector.path("X-SignedPubKey").asText()).path("content"),
        oursKey.path("content"));
    assertEquals(
        WALLET.sign(text(oursKey.path("payload").asText())), oursKey.path("signature").asText());
  }

  @Test
  void aKeyThatIsNoneIsRefusedWithoutBeingShown() {
    for (String bad : List.of("", "0x12", "f".repeat(64), "0".repeat(64), "g".repeat(64))) {
      var e = assertThrows(IllegalArgumentException.class, () -> AlephWallet.of(bad));
      assertFalse(bad.length() > 4 && String.valueOf(e.getMessage()).contains(bad));
    }
  }

  private static KeyPair pair(JsonNode jwk, JsonNode vector) throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    ECParameterSpec curve = parameters.getParameterSpec(ECParameterSpec.class);
    KeyFactory factory = KeyFactory.getInstance("EC");
    ECPoint point = new ECPoint(number(jwk.path("x")), number(jwk.path("y")));
    BigInteger scalar =
        new BigInteger(vector.path("ephemeral_p256_private_scalar").asText().substring(2), 16);
    return new KeyPair(
        factory.generatePublic(new ECPublicKeySpec(point, curve)),
        factory.generatePrivate(new ECPrivateKeySpec(scalar, curve)));
  }

  private static boolean verifies(ECPublicKey key, String text, String signature)
      throws GeneralSecurityException {
    Signature check = Signature.getInstance("SHA256withECDSAinP1363Format");
    check.initVerify(key);
    check.update(text.getBytes(StandardCharsets.UTF_8));
    return check.verify(HexFormat.of().parseHex(signature));
  }

  private static JsonNode header(Map<String, String> headers, String name) {
    return Json.parse(Objects.requireNonNull(headers.get(name)));
  }

  private static String text(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }

  private static BigInteger number(JsonNode base64) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(base64.asText()));
  }

  private static Map<String, String> words(JsonNode object) {
    Map<String, String> words = new LinkedHashMap<>();
    object.properties().forEach(word -> words.put(word.getKey(), word.getValue().asText()));
    return words;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static JsonNode vectors() {
    try (InputStream file =
        Objects.requireNonNull(AlephVectorsTest.class.getResourceAsStream("aleph.json"))) {
      return Json.parse(file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
