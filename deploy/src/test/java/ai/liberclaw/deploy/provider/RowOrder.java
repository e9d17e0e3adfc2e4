package ai.liberclaw.deploy.provider;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.postgres.PlatformDatabase;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** An order for an instance with a row of its own; it stands until it is {@link #fence fenced}. */
public final class RowOrder implements Order {
  private final PlatformDatabase database;
  private final Provider provider;
  private final UUID agent = UUID.randomUUID();
  private final UUID instance = UUID.randomUUID();
  private final UUID owner = UUID.randomUUID();
  private volatile boolean fenced;

  String name = "Ada";
  String prompt = "You help.";
  List<String> skills = List.of("git");
  Optional<String> release = Optional.empty();

  RowOrder(PlatformDatabase database, Provider provider) {
    this.database = database;
    this.provider = provider;
    InstanceStore.insert(database.dsl(), instance, agent, provider.name(), 1);
  }

  void fence(boolean now) {
    fenced = now;
  }

  /** The instance as its row says. */
  Instance row() {
    return InstanceStore.find(database.dsl(), instance).orElseThrow();
  }

  /** From now on nobody owns what was made for it. */
  void disown() {
    InstanceStore.delete(database.dsl(), instance);
  }

  @Override
  public UUID agentId() {
    return agent;
  }

  @Override
  public UUID instanceId() {
    return instance;
  }

  @Override
  public AgentSettings settings() {
    return new AgentSettings(name, prompt, "glm-4.7", owner, "ab".repeat(32), skills);
  }

  @Override
  public Optional<String> release() {
    return release;
  }

  @Override
  public ObjectNode handle() {
    return InstanceStore.find(database.dsl(), instance)
        .map(Instance::handle)
        .orElseGet(Json::object);
  }

  @Override
  public void check() {
    if (fenced) {
      throw new Fenced("by the test");
    }
  }

  @Override
  public void record(ObjectNode handle) {
    check();
    InstanceStore.record(database.dsl(), instance, handle, provider.endpoint(handle));
  }
}
