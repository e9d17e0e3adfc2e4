package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.activity.ActivityStore;
import ai.liberclaw.deploy.job.Deployment;
import ai.liberclaw.deploy.job.DeploymentKind;
import ai.liberclaw.deploy.job.DeploymentStore;
import ai.liberclaw.deploy.job.Recipe;
import ai.liberclaw.deploy.job.Run;
import ai.liberclaw.deploy.progress.LogLevel;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jooq.DSLContext;

/** How agents are deployed: which call of a provider belongs to which step. */
public final class AgentRecipe implements Recipe {
  private static final Logger LOG = System.getLogger(AgentRecipe.class.getName());
  private static final Duration HEALTH_TIME_MAX = Duration.ofSeconds(60);
  private static final Duration DESTROY_TIME_MAX = Duration.ofMinutes(2);
  private static final Duration HEALTH_POLL = Duration.ofMillis(30);

  private final PlatformDatabase database;
  private final Providers providers;
  private final FernetKeys keys;

  public AgentRecipe(PlatformDatabase database, Providers providers, FernetKeys keys) {
    this.database = database;
    this.providers = providers;
    this.keys = keys;
  }

  @Override
  public Set<StepKey> idle(Run run) {
    Set<StepKey> idle = EnumSet.noneOf(StepKey.class);
    idle.addAll(provider(instance(run)).idleSteps());
    if (run.job().kind() == DeploymentKind.UPDATE) {
      idle.addAll(EnumSet.of(StepKey.PROVISIONING, StepKey.SSH, StepKey.SERVICE));
      idle.remove(StepKey.ALLOCATION);
    }
    return idle;
  }

  @Override
  public Duration limit(Run run, StepKey step) {
    Duration limit = provider(instance(run)).limit(step);
    // The wait for the agent has a deadline of its own, with a better message.
    return step == StepKey.HEALTH ? HEALTH_TIME_MAX.plus(limit) : limit;
  }

  @Override
  public Duration destroyLimit() {
    return DESTROY_TIME_MAX;
  }

  @Override
  public void entering(DSLContext sql, Run run, StepKey step) {
    InstanceState state =
        run.job().kind() == DeploymentKind.UPDATE
            ? InstanceState.UPDATING
            : switch (step) {
              case PROVISIONING -> InstanceState.PROVISIONING;
              case ALLOCATION, SSH -> InstanceState.ALLOCATED;
              case ENVIRONMENT, SERVICE, HEALTH -> InstanceState.DEPLOYING;
            };
    InstanceStore.moveTo(sql, instanceId(run.job()), state);
  }

  @Override
  public String announcement(DeploymentKind kind, StepKey step) {
    return switch (step) {
      case PROVISIONING -> "Preparing a place for the agent";
      case ALLOCATION ->
          kind == DeploymentKind.UPDATE
              ? "Looking at the agent's place"
              : "Waiting for the machine";
      case SSH -> "Logging in";
      case ENVIRONMENT ->
          kind == DeploymentKind.UPDATE
              ? "Writing settings and skills, starting the agent with them"
              : "Writing settings and skills";
      case SERVICE -> "Starting the agent";
      case HEALTH -> "Waiting for the agent to answer";
    };
  }

  @Override
  public String step(Run run, StepKey step) throws InterruptedException {
    Instance placed = instance(run);
    Provider provider = provider(placed);
    Instance instance =
        step == StepKey.PROVISIONING ? WarmStart.instead(run, provider, placed) : placed;
    AgentOrder order = order(run, instance);
    return switch (step) {
      case PROVISIONING -> {
        for (Instance old : InstanceStore.holding(database.dsl(), run.job().agentId())) {
          if (!old.id().equals(instance.id())) {
            destroy(run, old);
          }
        }
        provider.provision(order);
        yield "Place prepared";
      }
      case ALLOCATION -> {
        if (run.job().kind() == DeploymentKind.UPDATE) {
          provider.settle(order);
        }
        provider.allocate(order);
        yield "Ready";
      }
      case SSH -> {
        provider.reach(order);
        yield "Ready";
      }
      case ENVIRONMENT -> {
        provider.configure(order);
        if (run.job().kind() == DeploymentKind.UPDATE) {
          provider.start(order);
        }
        yield "Settings and skills in place";
      }
      case SERVICE -> {
        provider.start(order);
        yield "Agent started";
      }
      case HEALTH -> {
        awaitHealth(run, provider, order, instance.bootId());
        if (run.job().kind() == DeploymentKind.UPDATE) {
          settle(provider, order);
        }
        yield "Agent answers";
      }
    };
  }

  @Override
  public void destroy(Run run) throws InterruptedException {
    for (Instance instance : InstanceStore.holding(database.dsl(), run.job().agentId())) {
      destroy(run, instance);
    }
  }

  @Override
  public void abandon(Run run) throws InterruptedException {
    Instance instance = instance(run);
    Provider provider = provider(instance);
    AgentOrder order = order(run, instance);
    if (run.hasReturned() || wentBack(run, provider, order, instance.bootId())) {
      settle(provider, order);
    } else {
      provider.stop(order);
    }
  }

  /** As {@link #goBack}; false also when what ran before does not answer any more. */
  private static boolean wentBack(
      Run run, Provider provider, AgentOrder order, Optional<String> before)
      throws InterruptedException {
    try {
      return goBack(run, provider, order, before);
    } catch (ProviderException e) {
      if (e.retryable()) {
        throw e;
      }
      LOG.log(Level.WARNING, "update.not_returned agent=" + order.agentId() + " " + e.code(), e);
      return false;
    }
  }

  @Override
  public void succeeded(DSLContext sql, Run run) {
    Deployment job = run.job();
    if (job.kind() == DeploymentKind.DESTROY) {
      // Nothing tells of the agent any more, its jobs neither.
      DeploymentStore.forget(sql, job.agentId());
      return;
    }
    Agent agent = agent(sql, job);
    UUID instanceId = instanceId(job);
    Instance instance = InstanceStore.find(sql, instanceId).orElseThrow();
    boolean update = job.kind() == DeploymentKind.UPDATE;
    InstanceStore.seen(sql, instanceId, run.bootId());
    run.release().ifPresent(release -> InstanceStore.runs(sql, instanceId, release));
    InstanceStore.moveTo(sql, instanceId, InstanceState.RUNNING);
    InstanceStore.publish(sql, instanceId, instance.endpoint());
    AgentStore.endTokensBefore(sql, agent.id(), job.generation());
    run.log(sql, LogLevel.SUCCESS, update ? "Agent updated" : "Agent is running");
    var metadata = ActivityStore.named(agent.name());
    if (!update) {
      metadata.putNull("crn_url").put("model", agent.model());
    }
    ActivityStore.publicEvent(
        sql, agent.ownerId(), agent.id(), update ? "agent_redeployed" : "agent_deployed", metadata);
    DeploymentHistoryStore.outcome(
        sql, agent.id(), true, update ? "redeploy_complete" : "complete", null, age(job));
  }

  @Override
  public void failed(DSLContext sql, Run run, StepKey step, String code, String message) {
    Deployment job = run.job();
    UUID instanceId = instanceId(job);
    InstanceStore.failed(sql, instanceId, step.key(), code);
    if (run.hasReturned()) {
      run.log(sql, LogLevel.WARNING, "The agent runs again as before the update");
      InstanceStore.moveTo(sql, instanceId, InstanceState.RUNNING);
    } else {
      InstanceStore.silent(sql, instanceId);
      InstanceStore.moveTo(sql, instanceId, InstanceState.FAILED);
    }
    if (run.hasReturned() || step == StepKey.HEALTH) {
      InstanceStore.find(sql, instanceId)
          .ifPresent(i -> InstanceStore.publish(sql, instanceId, i.endpoint()));
    }
    DeploymentHistoryStore.outcome(
        sql, job.agentId(), false, historyStep(job.kind(), step, code), message, age(job));
  }

  /**
   * Goes back to what ran before a failed update. Only what answered before can answer again.
   *
   * @return whether that runs now
   */
  private static boolean goBack(
      Run run, Provider provider, AgentOrder order, Optional<String> before)
      throws InterruptedException {
    if (run.job().kind() != DeploymentKind.UPDATE || before.isEmpty()) {
      return false;
    }
    if (provider.revert(order)) {
      run.write(sql -> run.log(sql, LogLevel.WARNING, "Going back to what ran before the update"));
      awaitHealth(run, provider, order, Optional.empty());
    } else {
      Health health = provider.health(order.handle());
      if (!health.bootId().equals(before) || !provider.started(order.handle())) {
        return false;
      }
      run.answered(before, Optional.empty());
    }
    run.write(sql -> {
      InstanceStore.seen(sql, instanceId(run.job()), run.bootId());
      run.release().ifPresent(r -> InstanceStore.runs(sql, instanceId(run.job()), r));
      run.returned(sql);
    });
    return true;
  }

  /** What is left behind costs space alone, and the next update lets go of it. */
  private static void settle(Provider provider, AgentOrder order) throws InterruptedException {
    try {
      provider.settle(order);
    } catch (ProviderException e) {
      LOG.log(Level.WARNING, "update.not_settled agent=" + order.agentId() + " " + e.code(), e);
    }
  }

  /**
   * Waits until the agent answers.
   *
   * @param before the start that answered before; another one is waited for
   */
  private static void awaitHealth(
      Run run, Provider provider, AgentOrder order, Optional<String> before)
      throws InterruptedException {
    if (!provider.started(order.handle())) {
      // This server, or the agent, ended since the step before.
      provider.start(order);
    }
    Optional<String> release = provider.release(order.handle());
    long deadline = System.nanoTime() + HEALTH_TIME_MAX.toNanos();
    while (true) {
      Health health = provider.health(order.handle());
      boolean fresh = health.bootId().isEmpty() || !health.bootId().equals(before);
      boolean wanted =
          release.isEmpty() || health.release().isEmpty() || health.release().equals(release);
      // Started is asked last: had the child lost its port to another, that other would answer.
      if (health.answers() && fresh && wanted && provider.started(order.handle())) {
        run.answered(health.bootId(), release.or(() -> run.job().release()).or(health::release));
        return;
      }
      if (!provider.started(order.handle())) {
        throw new ProviderException(
            "agent_ended", "The agent ended while it was starting.", true, null);
      }
      if (System.nanoTime() > deadline) {
        throw new ProviderException(
            "no_answer",
            "The agent did not answer within " + HEALTH_TIME_MAX.toSeconds() + " seconds.",
            false,
            null);
      }
      TimeUnit.MILLISECONDS.sleep(HEALTH_POLL.toMillis());
    }
  }

  private void destroy(Run run, Instance instance) throws InterruptedException {
    Provider provider = providers.get(instance.provider());
    provider.destroy(new AgentOrder(run, provider, instance, Optional.empty()));
    run.write(sql -> InstanceStore.delete(sql, instance.id()));
  }

  private AgentOrder order(Run run, Instance instance) {
    Optional<AgentSettings> settings =
        AgentStore.ofGeneration(database.dsl(), run.job().agentId(), run.job().generation())
            .map(this::settings);
    return new AgentOrder(run, provider(instance), instance, settings);
  }

  private AgentSettings settings(Agent agent) {
    String secret =
        AgentStore.encryptedSecret(database.dsl(), agent.ownerId(), agent.id())
            .map(keys::decrypt)
            .orElseThrow(() -> new Fenced("the agent is gone"));
    return new AgentSettings(
        agent.name(),
        agent.systemPrompt(),
        agent.model(),
        agent.ownerId(),
        Secrets.sha256Hex(secret),
        agent.skills(),
        agent.generation());
  }

  private static Agent agent(DSLContext sql, Deployment job) {
    return AgentStore.ofGeneration(sql, job.agentId(), job.generation())
        .orElseThrow(() -> new Fenced("the agent is gone, or was deployed anew"));
  }

  private Instance instance(Run run) {
    return InstanceStore.find(database.dsl(), instanceId(run.job()))
        .orElseThrow(() -> new Fenced("the instance is gone"));
  }

  private Provider provider(Instance instance) {
    return providers.get(instance.provider());
  }

  private static UUID instanceId(Deployment job) {
    return job.instanceId().orElseThrow(() -> new Fenced("a deployment without an instance"));
  }

  private static Duration age(Deployment job) {
    return Duration.between(job.queuedAt(), Instant.now());
  }

  private static String historyStep(DeploymentKind kind, StepKey step, String code) {
    if (code.equals("unexpected_error")) {
      return code;
    }
    boolean update = kind == DeploymentKind.UPDATE;
    return switch (step) {
      case PROVISIONING -> "create_instance";
      case ALLOCATION -> update ? "allocation" : "wait_allocation";
      case SSH, ENVIRONMENT, SERVICE -> update ? "redeploy_code" : "deploy_agent";
      case HEALTH -> "health_check";
    };
  }
}
