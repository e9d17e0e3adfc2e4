package ai.liberclaw.deploy.host;

import java.util.UUID;

/**
 * Where an agent's things are on a host, as the agent and its unit see them. No user's text is in
 * any of it.
 */
record HostPaths(UUID agentId, String place, String data, String user) {
  private static final int USER_DIGITS = 12;

  /** Below {@code %h}, the home directory, where the host is rootless. */
  static HostPaths of(UUID agentId, boolean rootless, String home) {
    String top = home + "/.local/share/liberclaw";
    String places = rootless ? top + "/etc/agents/" : "/etc/liberclaw/agents/";
    String data = rootless ? top + "/var/agents/" : "/var/lib/liberclaw/agents/";
    String user = "lc-" + agentId.toString().replace("-", "").substring(0, USER_DIGITS);
    return new HostPaths(agentId, places + agentId, data + agentId, user);
  }

  String config() {
    return place + "/config.json";
  }

  String launcher() {
    return place + "/release/bin/liberclaw-agent";
  }

  String database() {
    return data + "/agent.db";
  }

  String workspace() {
    return data + "/workspace";
  }
}
