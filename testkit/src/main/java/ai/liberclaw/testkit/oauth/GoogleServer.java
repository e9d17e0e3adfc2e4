package ai.liberclaw.testkit.oauth;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.keys.KnownRsaKeys;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Google's browser sign-in: an ID token comes with the access token. */
public final class GoogleServer extends OAuthServer {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final PrivateKey key;
  private volatile UnaryOperator<ObjectNode> claims = given -> given;
  private volatile boolean idTokens = true;

  private GoogleServer(String redirectUri) throws IOException {
    super(redirectUri, "openid email profile");
    key = KnownRsaKeys.pair(0).getPrivate();
  }

  /** On a free port. */
  public static GoogleServer start(String redirectUri) throws IOException {
    return new GoogleServer(redirectUri);
  }

  public String userinfoUrl() {
    return origin() + "/userinfo";
  }

  /** Changes the claims of ID tokens from now on. */
  public void claims(UnaryOperator<ObjectNode> change) {
    claims = change;
  }

  /** Whether ID tokens are given at all. */
  public void idTokens(boolean given) {
    idTokens = given;
  }

  @Override
  Optional<Answer> resource(String path, Person holder) {
    if (!path.equals("/userinfo")) {
      return Optional.empty();
    }
    ObjectNode profile =
        Json.object()
            .put("sub", holder.id())
            .put("name", holder.name())
            .put("picture", holder.picture());
    holder.addresses().stream()
        .findFirst()
        .ifPresent(a -> profile.put("email", a.email()).put("email_verified", a.verified()));
    return Optional.of(Answer.json(200, profile));
  }

  @Override
  Answer tokenRefused(String error) {
    return Answer.json(400, Json.object().put("error", error));
  }

  @Override
  void complete(ObjectNode token, Grants.Authorization authorization) {
    token.put("expires_in", 3599);
    if (idTokens) {
      long now = Instant.now().getEpochSecond();
      ObjectNode given =
          Json.object()
              .put("iss", "https://accounts.google.com")
              .put("aud", CLIENT_ID)
              .put("sub", authorization.person().id())
              .put("nonce", authorization.nonce())
              .put("iat", now)
              .put("exp", now + 3600);
      token.put("id_token", signed(claims.apply(given)));
    }
  }

  private String signed(ObjectNode body) {
    String text = encoded("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + encoded(body.toString());
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
