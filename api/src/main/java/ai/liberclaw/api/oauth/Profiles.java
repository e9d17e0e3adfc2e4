package ai.liberclaw.api.oauth;

import ai.liberclaw.api.auth.EmailAddress;
import ai.liberclaw.api.auth.ExternalIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Reads what providers tell of people, trusting none of it to be there. */
final class Profiles {
  private Profiles() {}

  /** A text that is there and not blank. */
  static Optional<String> text(JsonNode object, String name) {
    return Optional.ofNullable(object.path(name).textValue()).filter(text -> !text.isBlank());
  }

  /** What the provider calls the person: a text or a whole number. */
  static String id(JsonNode value) throws ProviderException {
    if (!value.isTextual() && !value.isIntegralNumber()) {
      throw ProviderException.lasting("profile: without an id");
    }
    return value.asText();
  }

  static ExternalIdentity identity(
      String provider,
      String id,
      Optional<EmailAddress> email,
      boolean verified,
      Optional<String> name,
      Optional<String> avatarUrl)
      throws ProviderException {
    try {
      return new ExternalIdentity(provider, id, email, verified, name, avatarUrl);
    } catch (IllegalArgumentException _) {
      throw ProviderException.lasting("profile: unusable id");
    }
  }
}
