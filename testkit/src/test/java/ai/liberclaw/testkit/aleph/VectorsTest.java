package ai.liberclaw.testkit.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VectorsTest {
  private static final Instant SIGNED = Instant.parse("2023-11-14T22:13:20Z");

  @Test
  void keccakAndMixedCaseAreEthereums() {
    assertEquals(
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        HexFormat.of().formatHex(Keccak.hash(new byte[0])));
    assertEquals(
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        Wallet.checksummed("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
    assertEquals(
        "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1", vectors().at("/about/address").asText());
  }

  @Test
  void everyVectorIsTheSignersAndEveryNegativeIsNot() {
    String address = vectors().at("/about/address").asText();
    for (JsonNode vector : vectors().path("vectors")) {
      byte[] buffer = bytes(vector.path("verification_buffer"));
      assertEquals(
          vector.path("eip191_hash").asText(),
          "0x" + HexFormat.of().formatHex(Wallet.digest(buffer)));
      assertEquals(
          Optional.empty(), Wallet.problem(address, buffer, vector.path("signature").asText()));
      assertEquals(
          vector.path("item_hash").asText(), Ledger.sha256(vector.path("item_content").asText()));
    }
    for (JsonNode negative : vectors().path("negative")) {
      if (negative.has("signature")) {
        byte[] buffer = bytes(negative.path("verification_buffer"));
        assertTrue(
            Wallet.problem(address, buffer, negative.path("signature").asText()).isPresent());
      } else {
        assertNotEquals(
            negative.path("claimed_item_hash").asText(),
            Ledger.sha256(negative.path("item_content").asText()));
      }
    }
  }

  @Test
  void aSignatureInAnotherFormIsRefused() {
    JsonNode vector = vectors().at("/vectors/0");
    byte[] buffer = bytes(vector.path("verification_buffer"));
    String good = vector.path("signature").asText();
    String address = vectors().at("/about/address").asText();
    for (String bad :
        List.of(
            good.substring(2),
            good.substring(0, 130) + "01",
            good.substring(0, good.length() - 2),
            "0x" + "0".repeat(128) + "1b")) {
      assertTrue(Wallet.problem(address, buffer, bad).isPresent(), bad);
    }
  }

  @Test
  void theNetworkTakesAllVectors() throws Exception {
    String address = vectors().at("/about/address").asText();
    try (AlephNetwork network = AlephNetwork.start(Machines.none(), 1);
        Client client = new Client()) {
      network.grant(address, 10_000_000);
      network.ccn().syncMax(Duration.ofMillis(100));
      for (JsonNode vector : vectors().path("vectors")) {
        // One of them forgets what nobody has published: it waits for that.
        assertEquals(
            vector.path("name").asText().equals("forget-two-no-reason") ? 202 : 200,
            client
                .post(network.ccn().origin() + "/api/v0/messages", vector.path("post_body"))
                .status(),
            vector.path("name").asText());
      }
      assertEquals(List.of(), network.violations());
      ObjectNode tampered = vectors().at("/vectors/0/post_body/message").deepCopy();
      tampered.put("item_content", vectors().at("/negative/0/item_content").asText());
      assertEquals(422, client.publish(network.ccn().origin(), tampered).status());
      assertEquals(List.of("item_hash is not the SHA-256 of item_content"), network.violations());
    }
  }

  @Test
  void theOwnersProofIsAcceptedAsItIsAndInNoOtherWay() throws Exception {
    JsonNode proof = vectors().path("crn_owner_auth");
    String path = Json.parse(proof.path("operation_payload_text").asText()).path("path").asText();
    Request request = request(path, proof);
    assertEquals(
        vectors().at("/about/address").asText(),
        OwnerProof.address(request, "crn.example.org", SIGNED));
    assertEquals(401, status(request, "crn.example.com", SIGNED));
    assertEquals(401, status(request, "crn.example.org", SIGNED.plusSeconds(90_000)));
    assertEquals(400, status(request, "crn.example.org", SIGNED.plusSeconds(121)));
    assertEquals(401, status(request(path + "x", proof), "crn.example.org", SIGNED));
    ObjectNode forged = proof.deepCopy();
    String operation = forged.path("X-SignedOperation").asText();
    forged.put("X-SignedOperation", operation.replace("a893528e", "a893528f"));
    assertEquals(401, status(request(path, forged), "crn.example.org", SIGNED));
  }

  private static Request request(String path, JsonNode proof) {
    return new Request(
        "crn",
        "POST",
        path,
        Map.of(),
        Map.of(
            "x-signedpubkey",
            proof.path("X-SignedPubKey").asText(),
            "x-signedoperation",
            proof.path("X-SignedOperation").asText()),
        "");
  }

  private static int status(Request request, String domain, Instant now) {
    return assertThrows(OwnerProof.Refused.class, () -> OwnerProof.address(request, domain, now))
        .status;
  }

  private static byte[] bytes(JsonNode text) {
    return text.asText().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode vectors() {
    try (InputStream in =
        Objects.requireNonNull(VectorsTest.class.getResourceAsStream("vectors.json"))) {
      return Json.parse(in.readAllBytes());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
