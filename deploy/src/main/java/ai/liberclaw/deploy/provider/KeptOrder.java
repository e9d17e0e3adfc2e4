package ai.liberclaw.deploy.provider;

import ai.liberclaw.db.postgres.PlatformDatabase;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * An order of whoever keeps the agents of a machine up: it stands while the instance is meant to be
 * up as it was deployed.
 */
public final class KeptOrder implements Order {
  private final PlatformDatabase database;
  private final Instance instance;
  private final Function<ObjectNode, Optional<Endpoint>> endpoints;
  private final Function<ObjectNode, Optional<AgentSettings>> settings;
  private ObjectNode handle;

  /**
   * @param endpoints where the agent of a handle is reached
   * @param settings what its agent was deployed with, for providers that keep that in the handle
   */
  public KeptOrder(
      PlatformDatabase database,
      Instance instance,
      Function<ObjectNode, Optional<Endpoint>> endpoints,
      Function<ObjectNode, Optional<AgentSettings>> settings) {
    this.database = database;
    this.instance = instance;
    this.endpoints = endpoints;
    this.settings = settings;
    this.handle = instance.handle();
  }

  @Override
  public UUID agentId() {
    return instance.agentId();
  }

  @Override
  public UUID instanceId() {
    return instance.id();
  }

  @Override
  public AgentSettings settings() {
    return settings
        .apply(handle)
        .orElseThrow(() -> new Fenced("a kept agent is not configured anew"));
  }

  @Override
  public Optional<String> release() {
    return Optional.empty();
  }

  @Override
  public ObjectNode handle() {
    return handle;
  }

  @Override
  public void check() {
    handle =
        InstanceStore.find(database.dsl(), instance.id())
            .filter(i -> i.generation() == instance.generation())
            .filter(i -> InstanceState.kept().contains(i.state()))
            .map(Instance::handle)
            .orElseThrow(() -> new Fenced("not kept any more"));
  }

  /** Gives an instance another state, unless a deployment has taken it over. */
  public static void move(PlatformDatabase database, Instance instance, InstanceState state) {
    database.transaction(sql -> {
      if (InstanceStore.stands(sql, instance.id(), instance.generation(), InstanceState.kept())) {
        InstanceStore.moveTo(sql, instance.id(), state);
      }
      return true;
    });
  }

  /** Clients are sent to the agent's new place in the same transaction. */
  @Override
  public void record(ObjectNode newHandle) {
    Optional<Endpoint> endpoint = endpoints.apply(newHandle);
    boolean stands =
        database.transaction(sql -> {
          boolean kept =
              InstanceStore.stands(sql, instance.id(), instance.generation(), InstanceState.kept());
          if (kept) {
            InstanceStore.record(sql, instance.id(), newHandle, endpoint);
            InstanceStore.publish(sql, instance.id(), endpoint);
          }
          return kept;
        });
    if (!stands) {
      throw new Fenced("not kept any more");
    }
    handle = newHandle;
  }
}
