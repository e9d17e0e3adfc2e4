package ai.liberclaw.deploy.provider;

import java.util.Optional;

/**
 * What an agent says of itself.
 *
 * @param bootId random per start; empty when the agent does not answer, or does not know it
 * @param release the release that runs
 * @param version the wire version of its routes
 */
public record Health(
    boolean answers, Optional<String> bootId, Optional<String> release, Optional<Integer> version) {
  public static Health silent() {
    return new Health(false, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
