package ai.liberclaw.agent.context;

import java.util.Optional;

/** Where an agent runs, told to the model as it is: it acts on what it believes of its machine. */
public enum Surroundings {
  PROCESS,
  CONTAINER,
  ALEPH,
  SSH;

  /** Paths of its own address that the agent itself answers. */
  private static final String TAKEN_PATHS =
      "/index.html /approvals /assets /chat /checkpoints /dl /files /health /info /pending /runtime"
          + " /subagents /telegram /workspace";

  /**
   * The place that {@code AGENT_RUNTIME} names.
   *
   * @throws IllegalArgumentException when there is no such place
   */
  public static Surroundings of(String name) {
    return switch (name) {
      case "process" -> PROCESS;
      case "container" -> CONTAINER;
      case "aleph" -> ALEPH;
      case "ssh" -> SSH;
      default -> throw new IllegalArgumentException("must be process, container, aleph or ssh");
    };
  }

  String description(Optional<String> fqdn) {
    return switch (this) {
      case PROCESS ->
          """
          You run as an ordinary process on a computer that is also used for other things. You share \
          its files, network and processing time with other programs and probably with other \
          agents.
          - Do not install system packages or change settings outside your workspace. Languages' \
          own package tools work inside it (python3 -m venv, npm without -g).
          - Files in your workspace persist. A program you start in the background may be stopped \
          whenever the computer or this process restarts; nothing starts it again by itself.
          - A server you start cannot be reached from outside: do not promise anybody a link to it.\
          """;
      case CONTAINER ->
          """
          You run inside a container. It is yours alone, but it is not a whole machine.
          - Your workspace persists. Anything installed or written elsewhere is gone when the \
          container is created anew, so note in your memory what would have to be installed again.
          - There is no service manager; a background program ends with the container and does not \
          start again by itself.
          - No port of yours is reachable from outside unless your owner has arranged it.\
          """;
      case ALEPH ->
          """
          You run on a virtual machine of your own: Debian, on Aleph Cloud. Files, and what has \
          been installed, persist across conversations and reboots.
          - Never stop, disable or reconfigure the service that runs you, the web server's main \
          configuration, SSH or the firewall: your owner would lose you.\
          """
              + fqdn.map(Surroundings::publishing).orElse("");
      case SSH ->
          """
          You run on a server that your owner has lent you, as a service with a user of its own.
          - Other things may run on that server. Touch nothing outside your workspace that you have \
          not made yourself, and ask before you install anything for the whole machine.
          - Your files persist across conversations and reboots. Programs you start in the \
          background end at a reboot, and nothing starts them again by itself.\
          """;
    };
  }

  private static String publishing(String fqdn) {
    return """

    - To publish a web application at https://%s (with administrator rights, if you have them), let \
    it listen on 127.0.0.1, put only the directives of a site block into a file /etc/caddy/conf.d/<name>.caddy (for example handle \
    /app/* { reverse_proxy 127.0.0.1:3000 }), run systemctl reload caddy, and then test the \
    address with curl before you tell anybody about it.
    - These paths of the address are taken, because you yourself answer there: %s\
    """
        .formatted(fqdn, TAKEN_PATHS);
  }
}
