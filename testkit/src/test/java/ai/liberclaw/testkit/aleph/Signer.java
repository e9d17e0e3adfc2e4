package ai.liberclaw.testkit.aleph;

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
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/** A wallet that signs, for these tests. */
final class Signer {
  private final BigInteger key;
  final String address;

  Signer(int key) {
    this.key = BigInteger.valueOf(key);
    this.address = Wallet.address(Objects.requireNonNull(Wallet.times(Wallet.G, this.key)));
  }

  String sign(byte[] message) {
    // Any nonce will do for a key that guards nothing.
    BigInteger nonce = new BigInteger(1, Keccak.hash(message)).mod(Wallet.N);
    Wallet.Point point = Objects.requireNonNull(Wallet.times(Wallet.G, nonce));
    BigInteger r = point.x().mod(Wallet.N);
    BigInteger digest = new BigInteger(1, Wallet.digest(message));
    BigInteger s = nonce.modInverse(Wallet.N).multiply(digest.add(r.multiply(key))).mod(Wallet.N);
    boolean odd = point.y().testBit(0);
    if (s.compareTo(Wallet.N.shiftRight(1)) > 0) {
      s = Wallet.N.subtract(s);
      odd = !odd;
    }
    return "0x" + Wallet.hex64(r) + Wallet.hex64(s) + (odd ? "1c" : "1b");
  }

  ObjectNode instance(String nodeHash, String sshKey) {
    ObjectNode content = content().put("allow_amend", false);
    content.putObject("metadata").put("name", "liberclaw-test");
    content.putArray("authorized_keys").add(sshKey);
    content.putObject("environment").put("hypervisor", "qemu").put("internet", true);
    content.putObject("resources").put("vcpus", 1).put("memory", 2048).put("seconds", 30);
    content.putObject("payment").put("chain", "ETH").put("type", "credit");
    content.putObject("requirements").putObject("node").put("node_hash", nodeHash);
    ObjectNode rootfs = content.putObject("rootfs");
    rootfs.putObject("parent").put("ref", AlephNetwork.DEBIAN_12).put("use_latest", true);
    rootfs.put("persistence", "host").put("size_mib", 20480);
    return message("INSTANCE", content);
  }

  ObjectNode forget(String hash) {
    ObjectNode content = content();
    content.putArray("hashes").add(hash);
    return message("FORGET", content);
  }

  ObjectNode ports(String hash, int port) {
    ObjectNode content = content().put("key", "port-forwarding");
    content
        .putObject("content")
        .putObject(hash)
        .putObject("ports")
        .putObject(Integer.toString(port))
        .put("tcp", true)
        .put("udp", false);
    return message("AGGREGATE", content);
  }

  ObjectNode message(String type, ObjectNode content) {
    String text = Json.write(content);
    String hash = Ledger.sha256(text);
    ObjectNode message =
        Json.object()
            .put("chain", "ETH")
            .put("sender", address)
            .put("type", type)
            .put("channel", "TEST")
            .put("time", 1_700_000_000)
            .put("item_type", "inline")
            .put("item_content", text)
            .put("item_hash", hash);
    String buffer = String.join("\n", "ETH", address, type, hash);
    return message.put("signature", sign(buffer.getBytes(StandardCharsets.UTF_8)));
  }

  /** The two headers of an owner's operation. */
  Map<String, String> proof(String path, String domain, Instant now)
      throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    ECPublicKey publicKey = (ECPublicKey) pair.getPublic();
    ObjectNode granted = Json.object();
    granted
        .putObject("pubkey")
        .put("kty", "EC")
        .put("crv", "P-256")
        .put("x", base64(publicKey.getW().getAffineX()))
        .put("y", base64(publicKey.getW().getAffineY()));
    granted
        .put("alg", "ECDSA")
        .put("domain", domain)
        .put("address", address)
        .put("expires", now.plusSeconds(3600).toString())
        .put("chain", "ETH");
    byte[] grant = Json.writeBytes(granted);
    byte[] operation =
        Json.writeBytes(
            Json.object()
                .put("time", now.toString())
                .put("method", "POST")
                .put("path", path)
                .put("domain", domain));
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(pair.getPrivate());
    signature.update(operation);
    HexFormat hex = HexFormat.of();
    return Map.of(
        "X-SignedPubKey",
        Json.write(
            Json.object()
                .put("sender", address)
                .put("payload", hex.formatHex(grant))
                .put("signature", sign(grant))),
        "X-SignedOperation",
        Json.write(
            Json.object()
                .put("payload", hex.formatHex(operation))
                .put("signature", hex.formatHex(signature.sign()))));
  }

  private ObjectNode content() {
    return Json.object().put("address", address).put("time", 1_700_000_000);
  }

  private static String base64(BigInteger number) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(HexFormat.of().parseHex(Wallet.hex64(number)));
  }
}
