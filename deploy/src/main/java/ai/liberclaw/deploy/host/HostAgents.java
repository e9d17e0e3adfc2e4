package ai.liberclaw.deploy.host;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.host.HostShell.Input;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.Release;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The agents of one host: what is made for them, and their life. Every call may be repeated and
 * finds what the first one made; two for one agent wait for each other on the host. Nothing is
 * touched that does not carry this installation's id.
 *
 * <p>All of them throw {@link ProviderException} when the host could not be reached or could not do
 * it.
 */
public final class HostAgents {
  /** Memory an agent has unless said otherwise. */
  public static final long MEMORY_BYTES_MAX = 1024L * 1024 * 1024;

  private static final UUID NOBODY = new UUID(0, 0);
  private static final int TASKS_MAX = 1024;
  private static final int PORT_MIN = 42_000;
  private static final int PORT_MAX = 45_999;
  private static final int LINES_MAX = 2000;
  private static final Duration STEP_TIME_MAX = Duration.ofSeconds(30);

  /** An agent may take its grace to end. */
  private static final Duration START_TIME_MAX = Duration.ofSeconds(75);

  /**
   * Where an agent is on its host.
   *
   * @param port on the host's loopback address, its own
   */
  public record Place(UUID agentId, UUID instanceId, int port) {}

  /**
   * What an agent is to be.
   *
   * @param release id of one that is installed there, or will be
   * @param variables for its configuration file; where it listens and keeps its files is added
   * @param skills text by id; exactly these are in its workspace, but for edited ones
   */
  public record Config(String release, Map<String, String> variables, Map<String, String> skills) {
    public Config {
      variables = Map.copyOf(variables);
      skills = Map.copyOf(skills);
    }

    @Override
    public String toString() {
      return "Config[release=" + release + ", skills=" + skills.keySet() + "]";
    }
  }

  /**
   * Limits of one agent on its host.
   *
   * @param memoryBytesMax of all its processes together
   * @param tasksMax processes and threads
   */
  public record Limits(long memoryBytesMax, int tasksMax) {
    public static Limits usual() {
      return new Limits(MEMORY_BYTES_MAX, TASKS_MAX);
    }
  }

  /** Something of ours found on the host. */
  public record Marked(
      UUID agentId, Optional<UUID> instanceId, int port, Optional<Instant> createdAt) {
    /** Reads a marker; empty for anything else. */
    static Optional<Marked> read(String line) {
      try {
        JsonNode json = Json.parse(line);
        return Optional.of(
            new Marked(
                UUID.fromString(json.path("agent").asText()),
                Optional.of(UUID.fromString(json.path("instance").asText())),
                json.path("port").asInt(),
                Optional.of(Instant.parse(json.path("created_at").asText()))));
      } catch (JsonException | IllegalArgumentException | DateTimeParseException _) {
        return Optional.empty();
      }
    }
  }

  private final HostShell shell;
  private final HostScripts scripts;
  private final UUID installation;
  private final Limits limits;

  public HostAgents(HostShell shell, UUID installation) {
    this(shell, installation, Limits.usual());
  }

  /**
   * @param installation id of this installation, in all markers
   */
  public HostAgents(HostShell shell, UUID installation, Limits limits) {
    this.shell = shell;
    this.scripts = new HostScripts(shell);
    this.installation = installation;
    this.limits = limits;
  }

  /**
   * Looks at the host; makes nothing.
   *
   * @throws ProviderException {@code host_lacks} when agents cannot be made there at all
   */
  public HostFacts facts() throws InterruptedException {
    return HostFacts.read(
        scripts.run("facts", variables(NOBODY, NOBODY), Input.NONE, STEP_TIME_MAX), Instant.now());
  }

  /**
   * Puts a release on the host. Its archive is checked there before it is unpacked, each file
   * before the release can be used; one that is there and whole is left.
   *
   * @param facts of this host
   * @param limit for sending it, and for checking
   */
  public void install(Release release, HostFacts facts, Duration limit)
      throws InterruptedException {
    new ReleaseInstall(scripts, variables(NOBODY, NOBODY)).run(release, facts, limit);
  }

  /**
   * Makes the agent's user, directories and marker.
   *
   * @return where it is, with the port it was given the first time
   */
  public Place prepare(UUID agentId, UUID instanceId) throws InterruptedException {
    Map<String, String> variables = variables(agentId, instanceId);
    variables.put("PORT_MIN", Integer.toString(PORT_MIN));
    variables.put("PORT_MAX", Integer.toString(PORT_MAX));
    String port = scripts.run("prepare", variables, Input.NONE, STEP_TIME_MAX).strip();
    if (!port.matches("port=[0-9]{1,5}")) {
      throw new ProviderException(
          "host_failed", "The machine could not do a step of the deployment.", true, null);
    }
    return new Place(agentId, instanceId, Integer.parseInt(port.substring("port=".length())));
  }

  /**
   * Writes configuration and skills beside those in use; the agent stays as it is.
   *
   * @return ids of skills left as they are because somebody edited them
   */
  public List<String> configure(Place place, Config config) throws InterruptedException {
    if (!Manifest.isId(config.release())) {
      throw new IllegalArgumentException("not the id of a release");
    }
    config.skills().keySet().stream()
        .filter(id -> !SkillPlan.isId(id))
        .findAny()
        .ifPresent(id -> {
          throw new IllegalArgumentException("not the id of a skill");
        });
    HostPaths paths = paths(place);
    ObjectNode json = Json.object();
    new TreeMap<>(config.variables()).forEach(json::put);
    json.put("AGENT_RELEASE", config.release())
        .put("HOST", "127.0.0.1")
        .put("PORT", Integer.toString(place.port()))
        .put("DB_PATH", paths.database())
        .put("WORKSPACE_PATH", paths.workspace())
        .put("SHUTDOWN_GRACE", Integer.toString(AgentUnit.GRACE_SECONDS));
    Map<String, String> variables = variables(place);
    variables.put("RELEASE", config.release());
    scripts.run("configure", variables, out -> out.write(Json.writeBytes(json)), STEP_TIME_MAX);
    return skills(place, config.skills());
  }

  private List<String> skills(Place place, Map<String, String> chosen) throws InterruptedException {
    Map<String, String> variables = variables(place);
    variables.put("CHOSEN", String.join(" ", new TreeMap<>(chosen).keySet()));
    String look = scripts.run("skills-look", variables, Input.NONE, STEP_TIME_MAX);
    SkillPlan plan = SkillPlan.of(look, chosen);
    variables = variables(place);
    variables.put("REMOVED", String.join(" ", plan.removed()));
    scripts.run("skills-write", variables, out -> SkillArchive.write(out, plan), STEP_TIME_MAX);
    return plan.edited();
  }

  /**
   * Ends the agent and starts it with what was configured last. What it ran with before, and a copy
   * of its database, are kept aside.
   */
  public void start(Place place) throws InterruptedException {
    HostPaths paths = paths(place);
    boolean rootless = shell.rootless();
    // Which of the two it is, the script knows.
    String unit = AgentUnit.systemd(paths, limits, rootless);
    String loop = AgentUnit.loop(paths, rootless);
    scripts.run(
        "start",
        variables(place),
        out -> out.write((unit + "\n\f\n" + loop).getBytes(StandardCharsets.UTF_8)),
        START_TIME_MAX);
  }

  /** Whether the agent is up, or being brought up. */
  public boolean started(Place place) throws InterruptedException {
    return yes(scripts.run("started", variables(place), Input.NONE, STEP_TIME_MAX));
  }

  /** Asks the agent itself. */
  public Health health(Place place, Duration limit) throws InterruptedException {
    try {
      return HostHttp.health(shell.connect(place.port(), limit), place.port(), limit);
    } catch (IOException _) {
      return Health.silent();
    }
  }

  /** Drops what an update kept aside. */
  public void settle(Place place) throws InterruptedException {
    scripts.run("settle", variables(place), Input.NONE, STEP_TIME_MAX);
  }

  /**
   * Goes back to what an update kept aside, and starts it.
   *
   * @return false when nothing is kept
   */
  public boolean revert(Place place) throws InterruptedException {
    return yes(scripts.run("revert", variables(place), Input.NONE, START_TIME_MAX));
  }

  /** Ends the agent; its data stay. */
  public void stop(Place place) throws InterruptedException {
    scripts.run("stop", variables(place), Input.NONE, START_TIME_MAX);
  }

  /** Ends the agent and wipes all that was made for this instance of it. */
  public void destroy(UUID agentId, UUID instanceId) throws InterruptedException {
    scripts.run("destroy", variables(agentId, instanceId), Input.NONE, START_TIME_MAX);
  }

  /**
   * The newest lines the agent wrote, oldest first.
   *
   * @param lines at most 2000
   */
  public String logs(Place place, int lines) throws InterruptedException {
    Map<String, String> variables = variables(place);
    variables.put("LINES_MAX", Integer.toString(Math.clamp(lines, 1, LINES_MAX)));
    return scripts.run("logs", variables, Input.NONE, STEP_TIME_MAX);
  }

  /**
   * How the host keeps each agent of this installation: {@code active}, {@code inactive}, or, where
   * units are used, another word of systemd's.
   */
  public Map<UUID, String> states() throws InterruptedException {
    String printed = scripts.run("up", variables(NOBODY, NOBODY), Input.NONE, STEP_TIME_MAX);
    Map<UUID, String> states = new HashMap<>();
    for (String line : printed.split("\n", -1)) {
      String[] words = line.split(" ", 2);
      if (words.length == 2) {
        try {
          states.put(UUID.fromString(words[0]), words[1]);
        } catch (IllegalArgumentException _) {
          // Not a directory of ours, whatever its marker says.
        }
      }
    }
    return states;
  }

  /** Starts the agent as it ran last, unless it runs. */
  public void resume(Place place) throws InterruptedException {
    scripts.run("resume", variables(place), Input.NONE, START_TIME_MAX);
  }

  /** All agents of this installation on the host. */
  public List<Marked> inventory() throws InterruptedException {
    String markers = scripts.run("inventory", variables(NOBODY, NOBODY), Input.NONE, STEP_TIME_MAX);
    List<Marked> found = new ArrayList<>();
    for (String line : markers.split("\n", -1)) {
      Marked.read(line).ifPresent(found::add);
    }
    return found;
  }

  private HostPaths paths(Place place) throws InterruptedException {
    String home = "";
    if (shell.rootless()) {
      home = shell.run("printf %s \"$HOME\"", STEP_TIME_MAX).out();
      if (!home.matches("/[A-Za-z0-9._/-]{1,200}")) {
        throw new ProviderException(
            "host_lacks", "The login's home directory cannot be used.", false, null);
      }
    }
    return HostPaths.of(place.agentId(), shell.rootless(), home);
  }

  private Map<String, String> variables(Place place) {
    return variables(place.agentId(), place.instanceId());
  }

  private Map<String, String> variables(UUID agentId, UUID instanceId) {
    Map<String, String> variables = new TreeMap<>();
    variables.put("AGENT", agentId.toString());
    variables.put("INSTANCE", instanceId.toString());
    variables.put("INSTALLATION", installation.toString());
    return variables;
  }

  private static boolean yes(String printed) {
    return printed.strip().equals("yes");
  }
}
