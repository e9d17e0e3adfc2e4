package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.CrashMatrix;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Path;

@OnHosts
final class SshCrashTest extends CrashMatrix {
  @Override
  protected ProviderUnderTest world(PlatformDatabase database, Path directory) throws Exception {
    return new SshUnderTest(database, directory);
  }
}
