package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Order;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;

/**
 * An order of the keeper: it stands while the instance is meant to be up as it was deployed. Its
 * settings are in the instance's configuration volume, and only there.
 */
final class KeptContainer implements Order {
  private final PlatformDatabase database;
  private final ContainerProvider provider;
  private final Instance instance;
  private ObjectNode handle;

  KeptContainer(PlatformDatabase database, ContainerProvider provider, Instance instance) {
    this.database = database;
    this.provider = provider;
    this.instance = instance;
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
    throw new Fenced("a kept container is not configured anew");
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

  @Override
  public void record(ObjectNode newHandle) {
    boolean stands =
        database.transaction(sql -> {
          boolean kept =
              InstanceStore.stands(sql, instance.id(), instance.generation(), InstanceState.kept());
          if (kept) {
            InstanceStore.record(sql, instance.id(), newHandle, provider.endpoint(newHandle));
            InstanceStore.publish(sql, instance.id(), provider.endpoint(newHandle));
          }
          return kept;
        });
    if (!stands) {
      throw new Fenced("not kept any more");
    }
    handle = newHandle;
  }
}
