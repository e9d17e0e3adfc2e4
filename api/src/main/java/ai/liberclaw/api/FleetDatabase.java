package ai.liberclaw.api;

import ai.liberclaw.api.fleet.FleetCommand;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.ControlPlaneConfig;
import ai.liberclaw.deploy.fleet.Fleet;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.ReleaseSettings;
import ai.liberclaw.deploy.release.Releases;
import java.time.Duration;
import java.util.Map;

/** The server's database, opened by a command beside it. */
record FleetDatabase(PlatformDatabase database, Fleet fleet) implements FleetCommand.Opened {
  private static final int POOL_SIZE = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  static FleetDatabase open(Map<String, String> environment) {
    ApiConfig config = ApiConfig.fromEnv(environment);
    ControlPlaneConfig control = config.control();
    EnvReader env = new EnvReader(environment);
    ReleaseSettings releases = ReleaseSettings.read(env, control.dataDir(), control.devMode());
    env.throwIfProblems();
    PlatformDatabase database =
        PlatformDatabase.open(
            new PlatformDatabase.Settings(config.databaseUrl(), POOL_SIZE, PATIENCE));
    Fleet fleet =
        ControlPlane.fleet(
            control, database, () -> new Releases(database, releases).current().map(Release::id));
    return new FleetDatabase(database, fleet);
  }

  @Override
  public void close() {
    database.close();
  }
}
