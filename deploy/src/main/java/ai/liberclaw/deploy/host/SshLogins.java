package ai.liberclaw.deploy.host;

import java.util.Optional;
import java.util.UUID;

/** Who knows how to log in to a machine. */
@FunctionalInterface
public interface SshLogins {
  /**
   * @param via a host's id, or that of an instance which is a machine of its own
   */
  Optional<SshLogin> find(UUID via);

  /** Asks another when this one does not know. */
  default SshLogins or(SshLogins other) {
    return via -> find(via).or(() -> other.find(via));
  }
}
