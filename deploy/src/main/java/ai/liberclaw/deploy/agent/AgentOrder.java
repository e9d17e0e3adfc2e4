package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.job.Run;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;

/** An order under a deployment's lease: it stands while that job does. */
final class AgentOrder implements Order {
  private final Run run;
  private final Provider provider;
  private final UUID instanceId;
  private final Optional<AgentSettings> settings;
  private ObjectNode handle;

  AgentOrder(Run run, Provider provider, Instance instance, Optional<AgentSettings> settings) {
    this.run = run;
    this.provider = provider;
    this.instanceId = instance.id();
    this.settings = settings;
    this.handle = instance.handle();
  }

  @Override
  public UUID agentId() {
    return run.job().agentId();
  }

  @Override
  public UUID instanceId() {
    return instanceId;
  }

  @Override
  public AgentSettings settings() {
    return settings.orElseThrow(() -> new Fenced("the agent is gone, or was deployed anew"));
  }

  @Override
  public Optional<String> release() {
    return run.job().release();
  }

  @Override
  public ObjectNode handle() {
    return handle;
  }

  @Override
  public void check() {
    handle =
        run.fenced(sql ->
            InstanceStore.find(sql, instanceId).map(Instance::handle).orElseGet(Json::object));
  }

  @Override
  public void record(ObjectNode newHandle) {
    run.write(
        sql -> InstanceStore.record(sql, instanceId, newHandle, provider.endpoint(newHandle)));
    handle = newHandle;
  }
}
