package ai.liberclaw.deploy;

import ai.liberclaw.deploy.job.Recipe;
import ai.liberclaw.deploy.job.Run;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.Provider;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where workers die, each once, as by kill -9: what they do ends there, nothing is tidied up, their
 * lease runs out. The places are {@code after-<step>}; {@code configured}, {@code destroyed},
 * {@code settled} and {@code reverted} after those calls of a provider; {@code spawned} and {@code
 * respawned} when an agent's process is there and its record is not; {@code abandoning} and {@code
 * abandoned} around what is taken back; {@code succeeding} and {@code failing} inside the last
 * transaction. {@link #everywhere} adds: before and after a provider records what it has made, or
 * is about to make.
 */
final class Deaths {
  /** Nothing that runs a deployment catches it. */
  private static final class Died extends Error {
    private static final long serialVersionUID = 1;

    Died(String where) {
      super(where, null, false, false);
    }
  }

  private final Map<UUID, String> planned = new ConcurrentHashMap<>();
  private final Map<UUID, Set<String>> passed = new ConcurrentHashMap<>();
  private final Map<UUID, Set<String>> skipped = new ConcurrentHashMap<>();
  private volatile Optional<UUID> spared = Optional.empty();
  private volatile Optional<String> next = Optional.empty();
  private final Function<String, Error> end;

  private Deaths(Function<String, Error> end) {
    this.end = end;
  }

  /** The worker's thread alone dies; that its lease runs out is all that others see of it. */
  static Deaths ofThreads() {
    return new Deaths(Died::new);
  }

  /** The whole process dies. */
  static Deaths ofProcess() {
    return new Deaths(where -> {
      Runtime.getRuntime().halt(9);
      return new Died(where);
    });
  }

  /** Whichever agent gets to the place next. */
  void planNext(String place) {
    next = Optional.of(place);
  }

  void plan(UUID agent, String place) {
    planned.put(agent, place);
  }

  /** The agent's workers die at each place they come to, once, but not at these. */
  void everywhere(UUID agent, List<String> but) {
    skipped.put(agent, Set.copyOf(but));
    passed.put(agent, places());
  }

  /** As {@link #everywhere}, for any agent but this one. */
  void everywhereBut(UUID agent) {
    spared = Optional.of(agent);
  }

  /** Where they died since {@link #everywhere}; from now on they live. */
  List<String> over(UUID agent) {
    spared = Optional.empty();
    skipped.remove(agent);
    Set<String> places = passed.remove(agent);
    return places == null ? List.of() : List.copyOf(places);
  }

  /** Whether the agent's worker has died as planned. */
  boolean happened(UUID agent) {
    return !planned.containsKey(agent);
  }

  private void at(UUID agent, String place) {
    if (planned.remove(agent, place) || next.equals(Optional.of(place))) {
      throw end.apply(place + " of " + agent);
    }
    atEach(agent, place);
  }

  private void atEach(UUID agent, String place) {
    Set<String> places =
        spared.filter(other -> !other.equals(agent)).isPresent()
            ? passed.computeIfAbsent(agent, _ -> places())
            : passed.get(agent);
    boolean skips = skipped.getOrDefault(agent, Set.of()).contains(place);
    if (places != null && !skips && places.add(place)) {
      throw end.apply(place + " of " + agent);
    }
  }

  private static Set<String> places() {
    return Collections.synchronizedSet(new LinkedHashSet<>());
  }

  Recipe in(Recipe recipe) {
    return proxy(
        Recipe.class,
        (_, method, arguments) -> {
          Run run = null;
          for (Object argument : arguments == null ? new Object[0] : arguments) {
            if (argument instanceof Run given) {
              run = given;
            }
          }
          if (run == null) {
            return call(recipe, method, arguments);
          }
          UUID agent = run.job().agentId();
          switch (method.getName()) {
            case "succeeded" -> at(agent, "succeeding");
            case "failed" -> at(agent, "failing");
            case "abandon" -> at(agent, "abandoning");
            default -> {}
          }
          Object result = call(recipe, method, arguments);
          switch (method.getName()) {
            case "step" -> at(agent, "after-" + ((StepKey) arguments[1]).key());
            case "abandon" -> at(agent, "abandoned");
            default -> {}
          }
          return result;
        });
  }

  Provider in(Provider provider) {
    return proxy(
        Provider.class,
        (_, method, arguments) -> {
          if (arguments == null || !(arguments[0] instanceof Order order)) {
            return call(provider, method, arguments);
          }
          Object result = call(provider, method, new Object[] {in(order, method.getName())});
          switch (method.getName()) {
            case "configure" -> at(order.agentId(), "configured");
            case "destroy" -> at(order.agentId(), "destroyed");
            case "settle" -> at(order.agentId(), "settled");
            case "revert" -> at(order.agentId(), "reverted");
            default -> {}
          }
          return result;
        });
  }

  private Order in(Order order, String step) {
    UUID agent = order.agentId();
    AtomicInteger records = new AtomicInteger();
    return proxy(
        Order.class,
        (_, method, arguments) -> {
          if (!method.getName().equals("record")) {
            return call(order, method, arguments);
          }
          String record = step + " record " + records.incrementAndGet();
          if (((ObjectNode) arguments[0]).has("pid")) {
            at(agent, step.equals("revert") ? "respawned" : "spawned");
          }
          atEach(agent, record);
          Object result = call(order, method, arguments);
          atEach(agent, record + " done");
          return result;
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object call(Object real, Method method, Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
