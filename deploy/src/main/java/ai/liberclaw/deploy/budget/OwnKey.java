package ai.liberclaw.deploy.budget;

import java.util.UUID;

/** A model key that a user brought, used for that user's calls alone. */
public record OwnKey(UUID id, String key) {
  @Override
  public String toString() {
    return "OwnKey[" + id + "]";
  }
}
