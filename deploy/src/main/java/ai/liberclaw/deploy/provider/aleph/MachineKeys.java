package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.provider.Fenced;
import java.util.UUID;
import java.util.function.BiFunction;

/** The key of each machine that logs in to it. Its private half is kept sealed in the database. */
final class MachineKeys {
  private final PlatformDatabase database;
  private final BiFunction<UUID, String, String> seal;
  private final BiFunction<UUID, String, String> open;

  /**
   * @param seal instance and private key to what is kept
   * @param open the way back
   */
  MachineKeys(
      PlatformDatabase database,
      BiFunction<UUID, String, String> seal,
      BiFunction<UUID, String, String> open) {
    this.database = database;
    this.seal = seal;
    this.open = open;
  }

  /** The line that goes into the order of a machine; the key is made once. */
  String authorizedKey(UUID instanceId) {
    if (MachineStore.sshKey(database.dsl(), instanceId).isEmpty()) {
      String key = SshKey.generate().privateKey();
      MachineStore.keepSshKey(database.dsl(), instanceId, seal.apply(instanceId, key));
    }
    return key(instanceId).authorizedKey();
  }

  SshKey key(UUID instanceId) {
    return MachineStore.sshKey(database.dsl(), instanceId)
        .map(sealed -> SshKey.read(open.apply(instanceId, sealed)))
        .orElseThrow(() -> new Fenced("the instance is gone"));
  }
}
