package ai.liberclaw.api.auth;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who somebody is according to a provider that proved it just now.
 *
 * @param provider {@code google}, {@code github} or {@code apple}
 * @param providerId what the provider calls the person, for ever; 1 to 255 characters
 * @param email what the provider knows as the person's address
 * @param emailVerified whether the provider says that the address is the person's
 * @param name cut at 100 code points; blank counts as none
 * @param avatarUrl cut at 500 code points; blank counts as none
 */
public record ExternalIdentity(
    String provider,
    String providerId,
    Optional<EmailAddress> email,
    boolean emailVerified,
    Optional<String> name,
    Optional<String> avatarUrl) {
  private static final Set<String> PROVIDERS = Set.of("google", "github", "apple");
  private static final int PROVIDER_ID_LENGTH_MAX = 255;
  private static final int NAME_LENGTH_MAX = 100;
  private static final int AVATAR_URL_LENGTH_MAX = 500;

  /**
   * @throws IllegalArgumentException for an unknown provider or an id that cannot be kept
   */
  public ExternalIdentity {
    if (!PROVIDERS.contains(provider)) {
      throw new IllegalArgumentException("not a provider: " + provider);
    }
    if (providerId.isBlank()
        || providerId.length() > PROVIDER_ID_LENGTH_MAX
        || !kept(providerId, PROVIDER_ID_LENGTH_MAX).equals(providerId)) {
      throw new IllegalArgumentException("the provider's id is blank, too long or no text");
    }
    name = name.map(n -> kept(n, NAME_LENGTH_MAX)).filter(n -> !n.isBlank());
    avatarUrl = avatarUrl.map(u -> kept(u, AVATAR_URL_LENGTH_MAX)).filter(u -> !u.isBlank());
  }

  /** The address if the provider vouches for it. */
  Optional<EmailAddress> provenEmail() {
    return email.filter(_ -> emailVerified);
  }

  /** What people call the provider. */
  String providerTitle() {
    return provider.equals("github")
        ? "GitHub"
        : provider.substring(0, 1).toUpperCase(Locale.ROOT) + provider.substring(1);
  }

  /** The text without what no database takes, and no longer than this. */
  private static String kept(String text, int codePointsMax) {
    StringBuilder kept = new StringBuilder();
    text.codePoints()
        .filter(c -> c != 0 && Character.getType(c) != Character.SURROGATE)
        .limit(codePointsMax)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }
}
