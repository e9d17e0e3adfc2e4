package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.ProviderContract;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.testkit.host.OnHosts;
import java.io.IOException;
import java.nio.file.Path;

@OnHosts
final class ContainerContractTest extends ProviderContract {
  @Override
  protected ProviderUnderTest world(PlatformDatabase database, Path directory) throws IOException {
    return new ContainerUnderTest(directory, InstallationStore.id(database.dsl()));
  }
}
