package ai.liberclaw.deploy.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.secret.FernetKeys;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AgentTokensTest {
  private static final AgentToken ADA =
      new AgentToken(UUID.randomUUID(), UUID.randomUUID(), 1L << 40);
  private static final String PURPOSE = "liberclaw-inference-token";

  private static String key(char letter) {
    byte[] bytes = String.valueOf(letter).repeat(32).getBytes(StandardCharsets.US_ASCII);
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  private static FernetKeys ring(String keys) {
    return FernetKeys.parse(keys, false);
  }

  private static AgentTokens tokens(String keys) {
    return new AgentTokens(ring(keys));
  }

  @Test
  void saysAgentOwnerAndGeneration() {
    String token = tokens(key('a')).mint(ADA);
    assertEquals(Optional.of(ADA), tokens(key('a')).read(token));
    assertTrue(token.length() < 320, token);
  }

  @Test
  void theSameAgentAndGenerationGiveTheSameToken() {
    AgentTokens tokens = tokens(key('a'));
    assertEquals(tokens.mint(ADA), tokens.mint(ADA));
    AgentToken next = new AgentToken(ADA.agentId(), ADA.ownerId(), ADA.generation() + 1);
    assertNotEquals(tokens.mint(ADA), tokens.mint(next));
  }

  @Test
  void tokensLiveThroughAChangeOfTheRing() {
    String old = tokens(key('a')).mint(ADA);
    AgentTokens changing = tokens(key('b') + "," + key('a'));
    assertEquals(Optional.of(ADA), changing.read(old));
    assertNotEquals(old, changing.mint(ADA));
    AgentTokens changed = tokens(key('b'));
    assertEquals(Optional.of(ADA), changed.read(changing.mint(ADA)));
    assertEquals(Optional.empty(), changed.read(old));
  }

  @Test
  void everyChangedCharacterIsNoticed() {
    AgentTokens tokens = tokens(key('a'));
    String token = tokens.mint(ADA);
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      String changed = token.substring(0, i) + other + token.substring(i + 1);
      // The last character of a signature has two bits that no decoder reads.
      if (i < token.length() - 1) {
        assertEquals(Optional.empty(), tokens.read(changed), "character " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.b.c", "lc_pat_0123456789", "eyJhbGciOiJub25lIn0.e30."})
  void anythingElseIsNoToken(String text) {
    assertEquals(Optional.empty(), tokens(key('a')).read(text));
  }

  @Test
  void unsignedTokensAreRefused() {
    assertEquals(Optional.empty(), tokens(key('a')).read(new PlainJWT(claims()).serialize()));
  }

  @Test
  void anotherTypeOrAudienceIsRefusedAlsoWhenWellSigned() throws JOSEException {
    AgentTokens tokens = tokens(key('a'));
    assertEquals(Optional.of(ADA), tokens.read(signed("agent+jwt", claims(), keyId(tokens))));
    assertEquals(Optional.empty(), tokens.read(signed("JWT", claims(), keyId(tokens))));
    JWTClaimsSet other = new JWTClaimsSet.Builder(claims()).audience("files").build();
    assertEquals(Optional.empty(), tokens.read(signed("agent+jwt", other, keyId(tokens))));
    JWTClaimsSet nobody = new JWTClaimsSet.Builder(claims()).subject(null).build();
    assertEquals(Optional.empty(), tokens.read(signed("agent+jwt", nobody, keyId(tokens))));
  }

  private static String keyId(AgentTokens tokens) {
    try {
      return SignedJWT.parse(tokens.mint(ADA)).getHeader().getKeyID();
    } catch (java.text.ParseException e) {
      throw new AssertionError(e);
    }
  }

  private static JWTClaimsSet claims() {
    return new JWTClaimsSet.Builder()
        .audience("inference")
        .subject(ADA.agentId().toString())
        .claim("owner", ADA.ownerId().toString())
        .claim("gen", ADA.generation())
        .build();
  }

  private static String signed(String type, JWTClaimsSet claims, String keyId)
      throws JOSEException {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256)
                .type(new JOSEObjectType(type))
                .keyID(keyId)
                .build(),
            claims);
    jwt.sign(new MACSigner(ring(key('a')).derived(PURPOSE).getFirst()));
    return jwt.serialize();
  }
}
