package ai.liberclaw.api.oauth;

import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.retry.Backoff;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.scribejava.core.builder.ServiceBuilder;
import com.github.scribejava.core.builder.api.DefaultApi20;
import com.github.scribejava.core.exceptions.OAuthException;
import com.github.scribejava.core.model.OAuth2AccessToken;
import com.github.scribejava.core.model.OAuth2AccessTokenErrorResponse;
import com.github.scribejava.core.oauth.AccessTokenRequestParams;
import com.github.scribejava.core.oauth.OAuth20Service;
import com.github.scribejava.core.oauth2.OAuth2Error;
import com.github.scribejava.core.oauth2.clientauthentication.ClientAuthentication;
import com.github.scribejava.core.oauth2.clientauthentication.RequestBodyAuthenticationScheme;
import com.github.scribejava.core.pkce.PKCE;
import com.github.scribejava.core.pkce.PKCECodeChallengeMethod;
import java.io.IOException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/** The part of a sign-in that all OAuth 2 providers have in common. */
final class ProviderClient {
  private static final int PROFILE_TRIES_MAX = 2;
  private static final Backoff RETRY =
      new Backoff(Duration.ofMillis(200), Duration.ofMillis(200), 0.5);
  private static final Pattern BEARER = Pattern.compile("[\\x21-\\x7e]{1,4096}");

  private final OAuth20Service service;
  private final ProviderHttp http;

  /**
   * @param callback where the provider sends the browser back to
   */
  ProviderClient(
      OAuthSettings.Site site,
      OAuthSettings.Client client,
      String scope,
      URI callback,
      Duration timeout) {
    this.http = new ProviderHttp(List.of(site.token(), site.profile()), timeout);
    this.service =
        new ServiceBuilder(client.id())
            .apiSecret(client.secret())
            .callback(callback.toString())
            .defaultScope(scope)
            .httpClient(http)
            .build(new Endpoints(site));
  }

  private static final class Endpoints extends DefaultApi20 {
    private final OAuthSettings.Site site;

    Endpoints(OAuthSettings.Site site) {
      this.site = site;
    }

    @Override
    public String getAccessTokenEndpoint() {
      return site.token().toString();
    }

    @Override
    protected String getAuthorizationBaseUrl() {
      return site.authorize().toString();
    }

    @Override
    public ClientAuthentication getClientAuthentication() {
      // The one way that both providers document.
      return RequestBodyAuthenticationScheme.instance();
    }
  }

  /** Where the browser goes to sign in. */
  URI authorizeUrl(String state, String codeVerifier, Map<String, String> more) {
    PKCE pkce = new PKCE();
    pkce.setCodeVerifier(codeVerifier);
    pkce.setCodeChallengeMethod(PKCECodeChallengeMethod.S256);
    try {
      pkce.setCodeChallenge(PKCECodeChallengeMethod.S256.transform2CodeChallenge(codeVerifier));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java lacks SHA-256", e);
    }
    return URI.create(
        service
            .createAuthorizationUrlBuilder()
            .state(state)
            .pkce(pkce)
            .additionalParams(more)
            .build());
  }

  /** Exchanges the code that the browser brought. Tried once: a code works once. */
  OAuth2AccessToken token(String code, String codeVerifier)
      throws ProviderException, InterruptedException {
    try {
      OAuth2AccessToken token =
          service.getAccessToken(
              AccessTokenRequestParams.create(code).pkceCodeVerifier(codeVerifier));
      if (!BEARER.matcher(token.getAccessToken()).matches()) {
        throw ProviderException.lasting("token: unusable characters");
      }
      return token;
    } catch (OAuth2AccessTokenErrorResponse e) {
      // The error's name tells the operator of a wrong secret; the rest may quote what was sent.
      String reason =
          Optional.ofNullable(e.getError()).map(OAuth2Error::getErrorString).orElse("no reason");
      throw ProviderException.lasting("token: HTTP " + e.getResponse().getCode() + ", " + reason);
    } catch (FetchException e) {
      throw ProviderException.lasting("token: " + e.getMessage());
    } catch (IOException | OAuthException | ExecutionException | IllegalArgumentException e) {
      // Its message quotes the answer.
      throw ProviderException.lasting("token: " + e.getClass().getSimpleName());
    }
  }

  /** Asks what the provider knows; once more after a passing fault. */
  JsonNode profile(URI url, OAuth2AccessToken token)
      throws ProviderException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return profileOnce(url, token);
      } catch (ProviderException e) {
        if (!e.passing() || attempt == PROFILE_TRIES_MAX) {
          throw e;
        }
        Thread.sleep(RETRY.delay(attempt));
      }
    }
  }

  private JsonNode profileOnce(URI url, OAuth2AccessToken token)
      throws ProviderException, InterruptedException {
    try {
      ProviderHttp.Answer answer = http.get(url, token.getAccessToken());
      if (answer.status() == 429 || answer.status() >= 500) {
        throw ProviderException.passing("profile: HTTP " + answer.status());
      }
      if (answer.status() != 200) {
        throw ProviderException.lasting("profile: HTTP " + answer.status());
      }
      return Json.parse(answer.body());
    } catch (JsonException _) {
      throw ProviderException.lasting("profile: not JSON");
    } catch (FetchException e) {
      // A second wait for somebody silent would be too long for who waits here.
      String message = "profile: " + e.getMessage();
      throw e.reason() == FetchException.Reason.DEADLINE
          ? ProviderException.lasting(message)
          : ProviderException.passing(message);
    } catch (IOException e) {
      throw ProviderException.passing("profile: " + e.getClass().getSimpleName());
    }
  }
}
