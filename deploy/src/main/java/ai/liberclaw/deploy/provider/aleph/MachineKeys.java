package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.core.secret.Envelope;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.provider.Fenced;
import java.util.UUID;

/** The key of each machine that logs in to it. Its private half is kept sealed in the database. */
final class MachineKeys {
  private final PlatformDatabase database;
  private final Envelope envelope;

  MachineKeys(PlatformDatabase database, Envelope envelope) {
    this.database = database;
    this.envelope = envelope;
  }

  /** The line that goes into the order of a machine; the key is made once. */
  String authorizedKey(UUID instanceId) {
    if (MachineStore.sshKey(database.dsl(), instanceId).isEmpty()) {
      String key = SshKey.generate().privateKey();
      MachineStore.keepSshKey(database.dsl(), instanceId, envelope.seal(key, place(instanceId)));
    }
    return key(instanceId).authorizedKey();
  }

  SshKey key(UUID instanceId) {
    return MachineStore.sshKey(database.dsl(), instanceId)
        .map(sealed -> SshKey.read(envelope.open(sealed, place(instanceId))))
        .orElseThrow(() -> new Fenced("the instance is gone"));
  }

  private static Envelope.Place place(UUID instanceId) {
    return new Envelope.Place("instances", "ssh_key", instanceId);
  }
}
