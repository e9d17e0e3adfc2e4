package ai.liberclaw.api.oauth;

import ai.liberclaw.api.auth.EmailAddress;
import ai.liberclaw.api.auth.ExternalIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.scribejava.core.model.OAuth2AccessToken;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Sign-in with GitHub. */
final class GitHubProvider implements Provider {
  private static final String SCOPE = "user:email";

  private final ProviderClient client;
  private final URI api;

  GitHubProvider(OAuthSettings settings, OAuthSettings.Client client, URI callback) {
    this.client =
        new ProviderClient(settings.github(), client, SCOPE, callback, settings.timeout());
    this.api = settings.github().profile();
  }

  @Override
  public String name() {
    return "github";
  }

  @Override
  public URI authorizeUrl(String state, Attempt attempt) {
    return client.authorizeUrl(state, attempt.codeVerifier(), Map.of());
  }

  @Override
  public ExternalIdentity identity(String code, Attempt attempt)
      throws ProviderException, InterruptedException {
    OAuth2AccessToken token = client.token(code, attempt.codeVerifier());
    JsonNode user = client.profile(URI.create(api + "/user"), token);
    // The address in the profile is what the person wants to be shown, proven or not.
    Optional<EmailAddress> email =
        verified(client.profile(URI.create(api + "/user/emails"), token));
    return Profiles.identity(
        name(),
        Profiles.id(user.path("id")),
        email,
        email.isPresent(),
        Profiles.text(user, "name").or(() -> Profiles.text(user, "login")),
        Profiles.text(user, "avatar_url"));
  }

  /** The primary address if it is verified, else the first that is. */
  private static Optional<EmailAddress> verified(JsonNode entries) throws ProviderException {
    if (!entries.isArray()) {
      throw ProviderException.lasting("profile: no list of addresses");
    }
    Optional<EmailAddress> first = Optional.empty();
    for (JsonNode entry : entries) {
      Optional<EmailAddress> email = Profiles.text(entry, "email").flatMap(EmailAddress::of);
      if (email.isEmpty() || !entry.path("verified").asBoolean()) {
        continue;
      }
      if (entry.path("primary").asBoolean()) {
        return email;
      }
      first = first.or(() -> email);
    }
    return first;
  }
}
