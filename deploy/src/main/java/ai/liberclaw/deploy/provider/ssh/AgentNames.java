package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.host.proxy.HostProxy;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The names that agents have on the internet, below the name of their machine. An agent is reached
 * through its machine's login until its name answers, and works all the same when it never does.
 */
public final class AgentNames {
  private static final Logger LOG = System.getLogger(AgentNames.class.getName());
  private static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(5);
  private static final int LABEL_DIGITS = 12;
  private static final String NAME = "name";
  private static final String PUBLIC = "public";
  private static final String FOREIGN = "name_of_original";

  private final Optional<HostProxy> proxy;
  private final Probe probe;

  /** Asks whether an agent answers under its name, with a certificate that is trusted. */
  @FunctionalInterface
  public interface Probe {
    boolean answers(String name) throws InterruptedException;
  }

  /**
   * @param proxy empty: no agent has a name
   */
  public AgentNames(Optional<HostProxy> proxy, Probe probe) {
    this.proxy = proxy;
    this.probe = probe;
  }

  /** With the certificate authorities that Java trusts. */
  public static AgentNames of(Optional<HostProxy> proxy) {
    return new AgentNames(proxy, AgentNames::overHttps);
  }

  private static boolean overHttps(String name) throws InterruptedException {
    HttpRequest health =
        HttpRequest.newBuilder(URI.create("https://" + name + "/health"))
            .timeout(ANSWER_TIME_MAX)
            .build();
    try (HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(ANSWER_TIME_MAX)
            .build()) {
      return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  /** Whether the agent answers under the name in its handle. */
  boolean answers(ObjectNode handle) throws InterruptedException {
    return answers(handle.path(NAME).asText());
  }

  boolean answers(String name) throws InterruptedException {
    return probe.answers(name);
  }

  static boolean named(ObjectNode handle) {
    return handle.hasNonNull(NAME);
  }

  /** The address under its name, once that has answered. */
  static Optional<URI> origin(ObjectNode handle) {
    return named(handle) && handle.path(PUBLIC).asBoolean()
        ? Optional.of(URI.create("https://" + handle.path(NAME).asText()))
        : Optional.empty();
  }

  /** A name that the original's own proxy serves. */
  static void foreign(ObjectNode handle, String name) {
    handle.put(NAME, name).put(PUBLIC, true).put(FOREIGN, true);
  }

  static ObjectNode reached(ObjectNode handle, boolean publicly) {
    return handle.deepCopy().put(PUBLIC, publicly);
  }

  /**
   * Has the machine serve the agent under its name, or no longer.
   *
   * @return the handle with the name it has now
   */
  ObjectNode serve(HostShell shell, Host host, Place place, ObjectNode handle)
      throws InterruptedException {
    if (handle.path(FOREIGN).asBoolean()) {
      return handle;
    }
    Optional<String> wanted =
        host.publicName()
            .filter(_ -> proxy.isPresent() && !host.rootless())
            .map(base -> label(place.agentId()) + "." + base);
    ObjectNode named = handle.deepCopy();
    try {
      if (wanted.isPresent()) {
        proxy.orElseThrow().serve(shell, place.agentId(), wanted.get(), place.port());
        if (!wanted.get().equals(handle.path(NAME).asText())) {
          named.put(NAME, wanted.get()).put(PUBLIC, false);
        }
      } else if (named(handle)) {
        remove(shell, place.agentId());
        named.remove(NAME);
        named.remove(PUBLIC);
      }
    } catch (ProviderException e) {
      LOG.log(
          Level.WARNING,
          "agent.name_not_served agent=%s host=%s code=%s"
              .formatted(place.agentId(), host.name(), e.code()));
    }
    return named;
  }

  /** Takes the agent's name back; nothing there is success. */
  void remove(HostShell shell, UUID agentId) throws InterruptedException {
    if (proxy.isPresent()) {
      proxy.get().remove(shell, agentId);
    }
  }

  private static String label(UUID agentId) {
    return agentId.toString().replace("-", "").substring(0, LABEL_DIGITS);
  }
}
