package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.ProviderContract;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Path;

@OnHosts
final class SshContractTest extends ProviderContract {
  @Override
  protected ProviderUnderTest world(PlatformDatabase database, Path directory) throws Exception {
    return new SshUnderTest(database, directory);
  }
}
