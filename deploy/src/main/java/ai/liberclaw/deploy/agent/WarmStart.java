package ai.liberclaw.deploy.agent;

import ai.liberclaw.deploy.job.Deployment;
import ai.liberclaw.deploy.job.Run;
import ai.liberclaw.deploy.pool.DemandStore;
import ai.liberclaw.deploy.pool.PoolStore;
import ai.liberclaw.deploy.progress.LogLevel;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.TimeLimit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Gives a new agent a machine of the pool, when one waits that is fit. */
final class WarmStart {
  private static final Logger LOG = System.getLogger(WarmStart.class.getName());

  /** So many machines are tried before the agent gets one of its own. */
  private static final int CLAIMS_MAX = 3;

  private static final Duration INSPECTION_TIME_MAX = Duration.ofSeconds(10);

  private WarmStart() {}

  /**
   * Takes a machine for the job, which is about it from then on.
   *
   * @param cold what the job is about; it keeps it once anything of it exists
   * @return what the job is about now
   */
  static Instance instead(Run run, Provider provider, Instance cold) throws InterruptedException {
    if (!provider.poolable() || !cold.handle().isEmpty()) {
      return cold;
    }
    for (int claims = 0; claims < CLAIMS_MAX; claims++) {
      Optional<Instance> claimed = claim(run, provider, claims == 0);
      if (claimed.isEmpty()) {
        return cold;
      }
      if (fit(run, provider, claimed.get())) {
        UUID id = claimed.get().id();
        run.moveTo(id, sql -> {
          InstanceStore.exchange(sql, run.job().agentId(), cold.id(), id);
          run.log(sql, LogLevel.INFO, "A machine was ready");
        });
        return run.fenced(sql -> InstanceStore.find(sql, id)).orElseThrow();
      }
    }
    return cold;
  }

  private static Optional<Instance> claim(Run run, Provider provider, boolean first) {
    Deployment job = run.job();
    return run.fenced(sql -> {
      Optional<UUID> id =
          PoolStore.claim(sql, provider.name(), job.agentId(), job.generation());
      if (first && job.attempt() == 1) {
        DemandStore.note(sql, provider.name(), id.isPresent(), Instant.now());
      }
      return id.flatMap(claimed -> InstanceStore.find(sql, claimed));
    });
  }

  private static boolean fit(Run run, Provider provider, Instance claimed)
      throws InterruptedException {
    AgentOrder order = new AgentOrder(run, provider, claimed, Optional.empty());
    try {
      TimeLimit.run(
          INSPECTION_TIME_MAX, "inspect-" + claimed.id(), () -> provider.inspect(order));
      return true;
    } catch (ProviderException e) {
      LOG.log(
          Level.WARNING,
          "pool.unfit instance=%s provider=%s code=%s"
              .formatted(claimed.id(), provider.name(), e.code()));
      run.write(sql ->
          PoolStore.reject(sql, claimed.id(), provider.name(), run.job().agentId(), e.code()));
      return false;
    }
  }
}
