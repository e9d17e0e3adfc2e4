package ai.liberclaw.deploy.inference;

import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Secrets;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Signs and reads agents' tokens, which open the gateway to models and nothing else. The same agent
 * and generation always give the same token, so none is kept anywhere but with its agent. It has no
 * end of its own, since nobody could hand a running agent another; its {@link AgentToken
 * generation} ends it.
 *
 * <p>The keys are made from the platform's ring: its first signs, all of them read. An agent whose
 * token was signed under a key that left the ring gets another by being deployed again.
 */
public final class AgentTokens {
  /** Longer texts are no tokens. */
  public static final int LENGTH_MAX = 1024;

  private static final String PURPOSE = "liberclaw-inference-token";
  private static final String AUDIENCE = "inference";
  private static final String OWNER = "owner";
  private static final String GENERATION = "gen";
  private static final JOSEObjectType TYPE = new JOSEObjectType("agent+jwt");
  private static final int KEY_ID_LENGTH = 8;

  private static final int GOOD_MAX = 10_000;

  private final MACSigner signer;
  private final List<Reader> readers;

  /** Those whose signatures were found good: one is sent with every call. */
  private final ConcurrentMap<String, AgentToken> good = new ConcurrentHashMap<>();

  /** Its id is the start of the key's hash. */
  private record Reader(String keyId, MACVerifier verifier) {}

  public AgentTokens(FernetKeys ring) {
    List<byte[]> keys = ring.derived(PURPOSE);
    List<Reader> made = new ArrayList<>();
    try {
      this.signer = new MACSigner(keys.getFirst());
      for (byte[] key : keys) {
        String id = Secrets.sha256Hex(HexFormat.of().formatHex(key)).substring(0, KEY_ID_LENGTH);
        made.add(new Reader(id, new MACVerifier(key)));
      }
    } catch (JOSEException e) {
      throw new IllegalStateException("this Java lacks HMAC-SHA256", e);
    }
    this.readers = List.copyOf(made);
  }

  /** A token for an agent, about 280 ASCII characters. */
  public String mint(AgentToken agent) {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256)
                .type(TYPE)
                .keyID(readers.getFirst().keyId())
                .build(),
            new JWTClaimsSet.Builder()
                .audience(AUDIENCE)
                .subject(agent.agentId().toString())
                .claim(OWNER, agent.ownerId().toString())
                .claim(GENERATION, agent.generation())
                .build());
    try {
      jwt.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("this Java lacks HMAC-SHA256", e);
    }
    return jwt.serialize();
  }

  /**
   * Empty for anything but a token signed here. What it says still has to hold: see {@link
   * AgentToken}.
   */
  public Optional<AgentToken> read(String token) {
    if (token.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    Optional<AgentToken> known = Optional.ofNullable(good.get(token));
    if (known.isPresent()) {
      return known;
    }
    Optional<AgentToken> agent = parsed(token);
    agent.ifPresent(each -> {
      if (good.size() >= GOOD_MAX) {
        good.clear();
      }
      good.put(token, each);
    });
    return agent;
  }

  private Optional<AgentToken> parsed(String token) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!isSigned(jwt)) {
        return Optional.empty();
      }
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      boolean ours = List.of(AUDIENCE).equals(claims.getAudience());
      return ours
          ? Optional.of(
              new AgentToken(
                  UUID.fromString(claims.getSubject()),
                  UUID.fromString(claims.getStringClaim(OWNER)),
                  claims.getLongClaim(GENERATION)))
          : Optional.empty();
    } catch (ParseException | JOSEException | RuntimeException _) {
      // Whatever a stranger's text does to the parser, it is not a token.
      return Optional.empty();
    }
  }

  private boolean isSigned(SignedJWT jwt) throws JOSEException {
    JWSHeader header = jwt.getHeader();
    if (!JWSAlgorithm.HS256.equals(header.getAlgorithm()) || !TYPE.equals(header.getType())) {
      return false;
    }
    for (Reader reader : readers) {
      if (reader.keyId().equals(header.getKeyID())) {
        return jwt.verify(reader.verifier());
      }
    }
    return false;
  }
}
