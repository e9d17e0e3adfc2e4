package ai.liberclaw.deploy.host;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.Output;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What somebody at a host's console sees of agents there. */
public record AgentsOfHost(DebianHost host) {
  /** The configuration file of the agent. */
  public Map<String, String> variables(UUID agentId) {
    Map<String, String> variables = new HashMap<>();
    Json.parse(host.read("/etc/liberclaw/agents/" + agentId + "/config.json"))
        .properties()
        .forEach(variable -> variables.put(variable.getKey(), variable.getValue().asText()));
    return variables;
  }

  /** What a shell command prints that finds the agent's files in {@code $DATA}; it must succeed. */
  public String inside(UUID agentId, String script) {
    Output output =
        host.run("sh", "-c", "DATA=$1; " + script, "sh", "/var/lib/liberclaw/agents/" + agentId);
    if (!output.succeeded()) {
      throw new IllegalStateException("the script ended with " + output);
    }
    return output.out();
  }

  /** How many servers of the agent run. */
  public int running(UUID agentId) {
    return (int)
        host.processes().stream()
            .filter(process -> process.user().equals(user(agentId)))
            .filter(process ->
                process.arguments().stream().anyMatch(a -> a.endsWith("bin/liberclaw-agent")))
            .count();
  }

  /** Files, users and processes of the agent. */
  public List<String> left(UUID agentId) {
    List<String> left = new ArrayList<>();
    host.check(
            "sh",
            "-c",
            "for f in /etc/liberclaw/agents/* /var/lib/liberclaw/agents/* /etc/systemd/system/*"
                + " /etc/systemd/system/*.wants/*; do echo \"$f\"; done")
        .lines()
        .filter(file -> file.contains(agentId.toString()))
        .forEach(left::add);
    if (host.run("id", user(agentId)).succeeded()) {
      left.add(user(agentId));
    }
    host.processes().stream()
        .filter(process -> process.user().equals(user(agentId)))
        .forEach(process -> left.add(process.arguments().toString()));
    return left;
  }

  private static String user(UUID agentId) {
    return "lc-" + agentId.toString().replace("-", "").substring(0, 12);
  }
}
