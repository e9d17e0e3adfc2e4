package ai.liberclaw.deploy.model;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.model.ModelChoice;
import ai.liberclaw.deploy.model.UpstreamGate.Entry;
import ai.liberclaw.deploy.model.UpstreamKind.Api;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The services in use, in the order in which they are asked, and whether each may be asked now. */
public final class Upstreams {
  /** For this long what Ollama has is not asked again. */
  private static final Duration OLLAMA_ASKED = Duration.ofSeconds(30);

  private static final int OLLAMA_NAMES_MAX = 1_000;

  private final Map<Upstream, UpstreamGate> gates = new LinkedHashMap<>();
  private final Map<String, Installed> installed = new ConcurrentHashMap<>();
  private final Clock clock;

  private record Installed(String model, Instant until) {}

  public Upstreams(List<Upstream> upstreams, Clock clock) {
    this.clock = clock;
    upstreams.forEach(
        upstream -> gates.put(upstream, new UpstreamGate(upstream.concurrency(), clock)));
  }

  /** A service that has the model. */
  public record Candidate(Upstream upstream, OfferedModel model, UpstreamGate gate) {
    /**
     * Takes a place for a call.
     *
     * @return empty when it may not be asked now
     */
    public Optional<Place> enter() {
      return gate.enter() == Entry.OPEN ? Optional.of(new Place(gate)) : Optional.empty();
    }
  }

  /** One call's place with a service; it says how the call went. For one thread. */
  public static final class Place implements AutoCloseable {
    private final UpstreamGate gate;
    private boolean told;

    private Place(UpstreamGate gate) {
      this.gate = gate;
    }

    /** It answered, if only with a refusal of what was asked. */
    public void succeeded() {
      told = true;
      gate.succeeded();
    }

    /** It is out of order, or refuses everybody. */
    public void failed() {
      told = true;
      gate.failed();
    }

    @Override
    public void close() {
      if (!told) {
        gate.undecided();
      }
      gate.leave();
    }
  }

  /** Those that can be asked for a model in this way, in their order. */
  public List<Candidate> candidates(Api api, String model) {
    List<Candidate> candidates = new ArrayList<>();
    gates.forEach((upstream, gate) -> {
      if (upstream.kind().speaks(api)) {
        upstream
            .model(model)
            .ifPresent(offered -> candidates.add(new Candidate(upstream, offered, gate)));
      }
    });
    return candidates;
  }

  /** Everything in use. */
  public List<Upstream> all() {
    return List.copyOf(gates.keySet());
  }

  /** Every model that can be asked for by its name, each once. */
  public List<OfferedModel> models() {
    Map<String, OfferedModel> models = new LinkedHashMap<>();
    gates.keySet().stream()
        .flatMap(upstream -> upstream.models().stream())
        .forEach(model -> models.putIfAbsent(model.id(), model));
    return List.copyOf(models.values());
  }

  /**
   * The name a service is asked by. An Ollama is asked for the agent's model when it has it, else
   * for the one the operator named, else for its first that can use tools; finding that out takes a
   * few seconds at most.
   */
  public String asked(Candidate candidate, String ollamaModel) {
    String asked = candidate.model().asked();
    Upstream upstream = candidate.upstream();
    boolean listed =
        upstream.models().stream().anyMatch(model -> model.id().equals(candidate.model().id()));
    if (upstream.kind() != UpstreamKind.OLLAMA || listed) {
      return asked;
    }
    String key = upstream.name() + " " + asked;
    Instant now = clock.instant();
    Installed known = installed.get(key);
    if (known != null && now.isBefore(known.until())) {
      return known.model();
    }
    String found;
    try {
      found =
          ModelChoice.of(
                  new ModelChoice.Settings(
                      "ollama", false, upstream.baseUrl().toString(), ollamaModel, asked))
              .model();
    } catch (ConfigException _) {
      // It has none that fits; its own answer says so best.
      return asked;
    }
    if (installed.size() >= OLLAMA_NAMES_MAX) {
      installed.values().removeIf(old -> old.until().isBefore(now));
    }
    if (installed.size() < OLLAMA_NAMES_MAX) {
      installed.put(key, new Installed(found, now.plus(OLLAMA_ASKED)));
    }
    return found;
  }

  /** Whether the service of this name is left alone for now. */
  public boolean rests(String name) {
    return gates.entrySet().stream()
        .anyMatch(entry -> entry.getKey().name().equals(name) && entry.getValue().rests());
  }
}
