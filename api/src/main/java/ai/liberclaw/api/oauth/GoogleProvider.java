package ai.liberclaw.api.oauth;

import ai.liberclaw.api.auth.EmailAddress;
import ai.liberclaw.api.auth.ExternalIdentity;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.secret.Secrets;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.scribejava.core.model.OAuth2AccessToken;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;

/** Sign-in with Google. */
final class GoogleProvider implements Provider {
  private static final String SCOPE = "openid email profile";

  private final ProviderClient client;
  private final URI userinfo;
  private final String clientId;

  GoogleProvider(OAuthSettings settings, OAuthSettings.Client client, URI callback) {
    this.client =
        new ProviderClient(settings.google(), client, SCOPE, callback, settings.timeout());
    this.userinfo = settings.google().profile();
    this.clientId = client.id();
  }

  @Override
  public String name() {
    return "google";
  }

  @Override
  public URI authorizeUrl(String state, Attempt attempt) {
    return client.authorizeUrl(state, attempt.codeVerifier(), Map.of("nonce", attempt.nonce()));
  }

  @Override
  public ExternalIdentity identity(String code, Attempt attempt)
      throws ProviderException, InterruptedException {
    OAuth2AccessToken token = client.token(code, attempt.codeVerifier());
    Optional<JWTClaimsSet> claims = idToken(token);
    JsonNode profile = client.profile(userinfo, token);
    String id = Profiles.id(profile.path("sub"));
    if (claims.isPresent() && !belongs(claims.get(), attempt, id)) {
      throw ProviderException.lasting("ID token of another sign-in");
    }
    boolean verified = profile.path("email_verified").asText().equals("true");
    return Profiles.identity(
        name(),
        id,
        Profiles.text(profile, "email").flatMap(EmailAddress::of),
        verified,
        Profiles.text(profile, "name"),
        Profiles.text(profile, "picture"));
  }

  private boolean belongs(JWTClaimsSet claims, Attempt attempt, String id) {
    return claims.getClaim("nonce") instanceof String nonce
        && Secrets.constantTimeEquals(nonce, attempt.nonce())
        && claims.getAudience().contains(clientId)
        && id.equals(claims.getSubject());
  }

  /**
   * Its signature is not looked at: it came from Google itself over TLS (OpenID Connect Core,
   * 3.1.3.7).
   */
  private static Optional<JWTClaimsSet> idToken(OAuth2AccessToken token) throws ProviderException {
    try {
      Optional<String> text = Profiles.text(Json.parse(token.getRawResponse()), "id_token");
      return text.isPresent()
          ? Optional.of(SignedJWT.parse(text.get()).getJWTClaimsSet())
          : Optional.empty();
    } catch (JsonException | ParseException _) {
      throw ProviderException.lasting("token: malformed ID token");
    }
  }
}
