package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceEventStore;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Looks after the public names of agents that run. One whose name does not answer is shown as
 * degraded and reached through SSH until it does.
 */
final class NameWatch {
  private static final Logger LOG = System.getLogger(NameWatch.class.getName());
  private static final int AT_ONCE_MAX = 8;

  private final PlatformDatabase database;
  private final Naming naming;
  private final Function<MachineHandle, Optional<Endpoint>> endpoint;

  NameWatch(
      PlatformDatabase database,
      Naming naming,
      Function<MachineHandle, Optional<Endpoint>> endpoint) {
    this.database = database;
    this.naming = naming;
    this.endpoint = endpoint;
  }

  /** Looks at all of them once; each look has its own deadlines. */
  void run() throws InterruptedException {
    List<Instance> all = InstanceStore.in(database.dsl(), AlephProvider.NAME, InstanceState.kept());
    Semaphore places = new Semaphore(AT_ONCE_MAX);
    List<Thread> looks = new ArrayList<>();
    try {
      for (Instance instance : all) {
        places.acquire();
        looks.add(
            Thread.ofVirtual()
                .name("name-" + instance.id())
                .start(() -> {
                  try {
                    look(instance);
                  } catch (InterruptedException _) {
                    // The server ends, or has lost the lease.
                  } catch (ProviderException e) {
                    LOG.log(
                        Level.INFO,
                        "aleph.name_unseen instance=" + instance.id() + " code=" + e.code());
                  } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "aleph.name_failed instance=" + instance.id(), e);
                  } finally {
                    places.release();
                  }
                }));
      }
      for (Thread look : looks) {
        look.join();
      }
    } catch (InterruptedException e) {
      looks.forEach(Thread::interrupt);
      throw e;
    }
  }

  private void look(Instance instance) throws InterruptedException {
    MachineHandle handle = MachineHandle.of(instance.id(), instance.handle());
    if (!handle.reached() || handle.agentPort().isEmpty()) {
      return;
    }
    if (!handle.publicly()) {
      Optional<MachineHandle> named = naming.again(handle);
      if (named.isPresent()) {
        move(instance, named.get(), InstanceState.RUNNING, "named");
      } else if (instance.state() == InstanceState.RUNNING) {
        move(instance, handle, InstanceState.DEGRADED, "name_lacking");
      }
    } else if (naming.lost(handle.name().orElseThrow())) {
      MachineHandle unnamed = handle.named(handle.name().orElseThrow(), false);
      move(instance, unnamed, InstanceState.DEGRADED, "name_lost");
    }
  }

  /** Nothing happens to what a deployment has taken over, or what is missing altogether. */
  private void move(Instance instance, MachineHandle handle, InstanceState to, String event) {
    Optional<String> lacking =
        to == InstanceState.DEGRADED ? Optional.of(Provider.NO_PUBLIC_NAME) : Optional.empty();
    boolean moved =
        database.transaction(sql -> {
          if (!MachineStore.keptAsRead(sql, instance, Provider.NO_PUBLIC_NAME)) {
            return false;
          }
          Optional<Endpoint> at = endpoint.apply(handle);
          InstanceStore.record(sql, instance.id(), handle.json(), at);
          InstanceStore.publish(sql, instance.id(), at);
          InstanceStore.moveTo(sql, instance.id(), to);
          InstanceStore.lacks(sql, instance.id(), lacking);
          InstanceEventStore.add(
              sql,
              instance.id(),
              Optional.of(instance.agentId()),
              AlephProvider.NAME,
              event,
              handle.name());
          return true;
        });
    if (moved) {
      LOG.log(
          to == InstanceState.DEGRADED ? Level.WARNING : Level.INFO,
          "aleph.%s agent=%s instance=%s".formatted(event, instance.agentId(), instance.id()));
    }
  }
}
