package ai.liberclaw.deploy.budget;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** Whom limits are for. */
public sealed interface LimitTarget {
  /** The scope of what owners set. */
  String AGENT = "agent";

  /** One agent; its owner sets them. */
  record Agent(UUID id) implements LimitTarget {}

  /** One user, instead of what holds for each of their tier. */
  record User(UUID id) implements LimitTarget {}

  /** Each user of a tier. */
  record EachOf(String tier) implements LimitTarget {}

  /** All users of a tier together. */
  record Tier(String tier) implements LimitTarget {}

  /** Everybody together. */
  record Site() implements LimitTarget {}

  /** As {@code budget_limits.scope} has it. */
  default String scope() {
    return switch (this) {
      case Agent _ -> AGENT;
      case User _ -> "user";
      case EachOf _ -> "tier_user";
      case Tier _ -> "tier";
      case Site _ -> "site";
    };
  }

  /** As {@code budget_limits.subject} has it. */
  default String subject() {
    return switch (this) {
      case Agent(UUID id) -> id.toString();
      case User(UUID id) -> id.toString();
      case EachOf(String tier) -> tier;
      case Tier(String tier) -> tier;
      case Site() -> "";
    };
  }

  /** Empty when the scope is none of these. */
  static Optional<LimitTarget> of(String scope, String subject) {
    return switch (scope.toLowerCase(Locale.ROOT)) {
      case AGENT -> Optional.of(new Agent(UUID.fromString(subject)));
      case "user" -> Optional.of(new User(UUID.fromString(subject)));
      case "tier_user" -> Optional.of(new EachOf(subject));
      case "tier" -> Optional.of(new Tier(subject));
      case "site" -> Optional.of(new Site());
      default -> Optional.empty();
    };
  }
}
