package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;

/**
 * What is known of an instance's machine; the form kept in its row.
 *
 * @param hash of the message that ordered it
 * @param nodeUrl where it runs
 * @param host the node's address
 * @param sshPort the node's port that leads to the machine's own 22
 * @param reached whether somebody has logged in: from then on there may be data on it, and it is
 *     never exchanged for another
 * @param agentPort where the agent listens on the machine's loopback
 * @param name public name, once known
 * @param publicly whether the agent has answered under that name
 */
record MachineHandle(
    UUID instanceId,
    Optional<String> hash,
    Optional<String> nodeUrl,
    Optional<String> host,
    Optional<Integer> sshPort,
    boolean reached,
    Optional<UUID> agentId,
    Optional<Integer> agentPort,
    Optional<String> name,
    boolean publicly) {

  static MachineHandle of(UUID instanceId, ObjectNode json) {
    return new MachineHandle(
        instanceId,
        text(json, "hash"),
        text(json, "node_url"),
        text(json, "host"),
        number(json, "ssh_port"),
        json.path("reached").asBoolean(),
        text(json, "agent_id").map(UUID::fromString),
        number(json, "agent_port"),
        text(json, "name"),
        json.path("publicly").asBoolean());
  }

  /** Reads a handle that says itself whose it is; empty for one of an instance without machine. */
  static Optional<MachineHandle> of(ObjectNode json) {
    return text(json, "instance_id").map(id -> of(UUID.fromString(id), json));
  }

  ObjectNode json() {
    ObjectNode json = Json.object().put("instance_id", instanceId.toString());
    hash.ifPresent(value -> json.put("hash", value));
    nodeUrl.ifPresent(value -> json.put("node_url", value));
    host.ifPresent(value -> json.put("host", value));
    sshPort.ifPresent(value -> json.put("ssh_port", value));
    json.put("reached", reached);
    agentId.ifPresent(value -> json.put("agent_id", value.toString()));
    agentPort.ifPresent(value -> json.put("agent_port", value));
    name.ifPresent(value -> json.put("name", value));
    json.put("publicly", publicly);
    return json;
  }

  /** A machine just ordered, of which nothing else is known. */
  MachineHandle ordered(String newHash, String newNodeUrl) {
    return new MachineHandle(
        instanceId,
        Optional.of(newHash),
        Optional.of(newNodeUrl),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** Without a machine. */
  MachineHandle without() {
    return of(instanceId, Json.object());
  }

  MachineHandle at(String newHost, int newSshPort) {
    return new MachineHandle(
        instanceId,
        hash,
        nodeUrl,
        Optional.of(newHost),
        Optional.of(newSshPort),
        reached,
        agentId,
        agentPort,
        name,
        publicly);
  }

  MachineHandle loggedIn() {
    return new MachineHandle(
        instanceId, hash, nodeUrl, host, sshPort, true, agentId, agentPort, name, publicly);
  }

  MachineHandle placed(UUID agent, int port) {
    return new MachineHandle(
        instanceId,
        hash,
        nodeUrl,
        host,
        sshPort,
        reached,
        Optional.of(agent),
        Optional.of(port),
        name,
        publicly);
  }

  MachineHandle named(String newName, boolean answers) {
    return new MachineHandle(
        instanceId,
        hash,
        nodeUrl,
        host,
        sshPort,
        reached,
        agentId,
        agentPort,
        Optional.of(newName),
        answers);
  }

  private static Optional<String> text(ObjectNode json, String name) {
    return Optional.ofNullable(json.path(name).textValue());
  }

  private static Optional<Integer> number(ObjectNode json, String name) {
    return json.path(name).isInt() ? Optional.of(json.path(name).intValue()) : Optional.empty();
  }
}
