package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.ProviderContract;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import java.nio.file.Path;

final class ProcessContractTest extends ProviderContract {
  @Override
  protected ProviderUnderTest world(PlatformDatabase database, Path directory) {
    return new ProcessUnderTest(directory, InstallationStore.id(database.dsl()));
  }
}
