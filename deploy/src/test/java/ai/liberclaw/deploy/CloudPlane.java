package ai.liberclaw.deploy;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.pool.PoolSettings;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.reconcile.ReconcileSettings;
import java.nio.file.Path;

/** A control plane on a {@link Cloud}. */
final class CloudPlane extends ProviderPlane {
  final Cloud cloud;

  CloudPlane(PlatformDatabase database, Path root, PoolSettings pool, ReconcileSettings reconcile) {
    this(database, new Cloud(root, InstallationStore.id(database.dsl())), pool, reconcile);
  }

  private CloudPlane(
      PlatformDatabase database, Cloud cloud, PoolSettings pool, ReconcileSettings reconcile) {
    super(database, cloud, pool, reconcile);
    this.cloud = cloud;
  }
}
