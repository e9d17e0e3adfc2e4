package ai.liberclaw.deploy.agent;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Asks agents that should answer whether they do. */
public final class InstanceHealth {
  private static final int TRIES = 3;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final PlatformDatabase database;
  private final Providers providers;

  public InstanceHealth(PlatformDatabase database, Providers providers) {
    this.database = database;
    this.providers = providers;
  }

  /**
   * Whether it answers, at the last of some tries. Nothing is held against an instance that is
   * gone, or that only another server can ask.
   */
  public boolean well(UUID instanceId) throws InterruptedException {
    for (int left = TRIES; ; left--) {
      Optional<Instance> instance = InstanceStore.find(database.dsl(), instanceId);
      if (instance.isEmpty() || answers(instance.get())) {
        return true;
      }
      if (left == 1) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    }
  }

  private boolean answers(Instance instance) throws InterruptedException {
    try {
      Provider provider = providers.get(instance.provider());
      return provider.health(instance.handle()).answers();
    } catch (ProviderException e) {
      return e.code().equals("other_machine") || e.code().equals("provider_missing");
    }
  }
}
