package ai.liberclaw.api.auth;

import java.util.Optional;

/**
 * Who somebody is according to a provider that proved it just now.
 *
 * @param provider {@code google}, {@code github} or {@code apple}
 * @param providerId what the provider calls the person, for ever
 * @param email what the provider knows as the person's address
 * @param emailVerified whether the provider says that the address is the person's
 */
public record ExternalIdentity(
    String provider,
    String providerId,
    Optional<EmailAddress> email,
    boolean emailVerified,
    Optional<String> name,
    Optional<String> avatarUrl) {}
