package ai.liberclaw.deploy.pool;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
import ai.liberclaw.deploy.cluster.LeaseLostException;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jooq.DSLContext;

/**
 * An order for a machine without an agent. It stands while this server has the pool's lease, the
 * machine no agent, and its row the state it was last given here.
 */
final class PoolOrder implements Order {
  private final PlatformDatabase database;
  private final Lease lease;
  private final Provider provider;
  private final UUID instanceId;
  private InstanceState state;
  private ObjectNode handle;

  PoolOrder(PlatformDatabase database, Lease lease, Provider provider, PoolMachine machine) {
    this.database = database;
    this.lease = lease;
    this.provider = provider;
    this.instanceId = machine.id();
    this.state = machine.state();
    this.handle = machine.handle();
  }

  @Override
  public UUID agentId() {
    throw new IllegalStateException("a machine of the pool has no agent");
  }

  @Override
  public UUID instanceId() {
    return instanceId;
  }

  @Override
  public AgentSettings settings() {
    throw new IllegalStateException("a machine of the pool has no agent");
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
    handle = fenced((_, machine) -> machine.handle());
  }

  @Override
  public void record(ObjectNode newHandle) {
    fenced((sql, _) -> {
      PoolStore.record(sql, instanceId, newHandle, provider.endpoint(newHandle));
      return true;
    });
    handle = newHandle;
  }

  void moveTo(InstanceState next) {
    fenced((sql, _) -> {
      PoolStore.moveTo(sql, instanceId, next);
      return true;
    });
    state = next;
  }

  /**
   * One transaction that commits only while the order stands.
   *
   * @throws Fenced when it does not
   */
  <T> T fenced(BiFunction<DSLContext, PoolMachine, T> work) {
    try {
      return database.transaction(sql -> {
        lease.hold(sql);
        PoolMachine machine =
            PoolStore.lock(sql, instanceId)
                .filter(m -> m.state() == state)
                .orElseThrow(() -> new Fenced("an agent has the machine, or it is to go"));
        return work.apply(sql, machine);
      });
    } catch (LeaseLostException _) {
      throw new Fenced("another server looks after the pool");
    }
  }
}
