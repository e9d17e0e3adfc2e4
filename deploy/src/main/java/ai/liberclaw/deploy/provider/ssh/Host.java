package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.deploy.host.HostKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A machine agents live on.
 *
 * @param ownerId empty: the operator's, for everybody's agents
 * @param name the operator's or owner's own for it
 * @param address a name or an address
 * @param login the user that logs in
 * @param sealedKey the private key, as it is stored
 * @param agentsMax agents it takes
 * @param publicName below it its agents have names of their own on the internet
 * @param facts what it said of itself when it was last looked at
 * @param state {@code ready}, {@code unreachable}, or {@code closed} for new agents
 */
public record Host(
    UUID id,
    Optional<UUID> ownerId,
    String name,
    String address,
    int port,
    String login,
    HostKey hostKey,
    String sealedKey,
    boolean rootless,
    int agentsMax,
    Optional<String> publicName,
    ObjectNode facts,
    String state,
    Optional<String> errorCode,
    Optional<Instant> lastSeenAt) {
  public static final String READY = "ready";
  public static final String UNREACHABLE = "unreachable";
  public static final String CLOSED = "closed";

  @Override
  public String toString() {
    return "Host[" + name + " " + login + "@" + address + ":" + port + "]";
  }
}
