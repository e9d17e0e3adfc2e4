package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.InvalidTokenException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.UUID;

/**
 * The model keys that owners brought: their agents use them instead of the operator's. Asked when
 * an agent's process starts, so that no copy of a key is kept with the agent.
 */
public final class OwnerKeys {
  private static final Logger LOG = System.getLogger(OwnerKeys.class.getName());

  private final PlatformDatabase database;
  private final FernetKeys keys;

  public OwnerKeys(PlatformDatabase database, FernetKeys keys) {
    this.database = database;
    this.keys = keys;
  }

  /** The owner's newest active key that can be decrypted. */
  public Optional<String> newest(UUID ownerId) {
    for (OwnerKeyStore.SealedKey key : OwnerKeyStore.active(database.dsl(), ownerId)) {
      try {
        return Optional.of(keys.decrypt(key.sealed()));
      } catch (InvalidTokenException _) {
        LOG.log(Level.WARNING, "owner_key.unreadable key=" + key.id());
      }
    }
    return Optional.empty();
  }
}
