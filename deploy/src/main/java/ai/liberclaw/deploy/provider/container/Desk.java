package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.deploy.engine.Engine;
import ai.liberclaw.deploy.engine.Tar;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Works on the files of one instance, in its volumes: through a container that is never started, or
 * runs one short command as the agent's user without a network. The caller holds the instance.
 */
final class Desk {
  private static final Logger LOG = System.getLogger(Desk.class.getName());
  private static final Duration CHORE_MAX = Duration.ofMinutes(2);
  private static final int LOG_BYTES_MAX = 2048;
  private static final int AGENT_ONLY = 0600;
  private static final int AGENT_DIRECTORY = 0700;
  private static final String MANAGED = Specs.HOME + "/managed.json";
  private static final String SKILLS = Specs.HOME + "/workspace/skills";

  /** The database without what SQLite makes anew; whole under its name or not there. */
  private static final String KEEP =
      """
      aside=$1/.aside-$2
      [ -d "$aside" ] && exit 0
      rm -rf -- "$aside.new"
      mkdir -m 700 -- "$aside.new"
      for file in agent.db agent.db-wal; do
        [ ! -f "$1/$file" ] || cp -p -- "$1/$file" "$aside.new/$file"
      done
      sync
      mv -- "$aside.new" "$aside"
      """;

  private static final String RESTORE =
      """
      aside=$1/.aside-$2
      [ -d "$aside" ]
      rm -f -- "$1/agent.db" "$1/agent.db-wal" "$1/agent.db-shm"
      for file in agent.db agent.db-wal; do
        [ ! -f "$aside/$file" ] || cp -p -- "$aside/$file" "$1/$file"
      done
      """;

  private static final String DROP = "rm -rf -- \"$1\"/.aside-*\n";

  private static final String REMOVE_SKILLS =
      """
      cd -- "$1" || exit 0
      shift
      for id; do
        [ -L "$id" ] || rm -f -- "$id/SKILL.md"
        rmdir -- "$id" 2>/dev/null || true
      done
      """;

  private final Engine engine;
  private final Specs specs;
  private final Names names;
  private final UUID agentId;
  private final String image;

  Desk(Engine engine, Specs specs, Names names, UUID agentId, String image) {
    this.engine = engine;
    this.specs = specs;
    this.names = names;
    this.agentId = agentId;
    this.image = image;
  }

  /**
   * Puts a configuration and the chosen skills in place.
   *
   * @param serial whose volume the configuration is for
   * @param config text of the configuration file, which nobody but the agent may read
   * @param skills text by skill id
   */
  void furnish(int serial, String config, Map<String, String> skills) throws InterruptedException {
    lay(serial, List.of("true"));
    try {
      engine.put(
          names.desk(),
          Specs.CONFIG,
          new Tar().file("config.json", Specs.USER, AGENT_ONLY, config).source());
      engine.put(
          names.desk(),
          Specs.DATA,
          new Tar()
              .directory("agent", Specs.USER, AGENT_DIRECTORY)
              .directory("agent/workspace", Specs.USER, AGENT_DIRECTORY)
              .source());
      SkillPlan plan =
          SkillPlan.of(
              skills,
              engine.file(names.desk(), MANAGED).text(),
              id -> engine.file(names.desk(), SKILLS + "/" + id + "/SKILL.md"));
      write(plan);
      if (!plan.edited().isEmpty()) {
        LOG.log(
            Level.INFO, "agent.skills_kept agent=" + agentId + " edited=" + plan.edited().size());
      }
      if (!plan.removed().isEmpty()) {
        List<String> arguments = new ArrayList<>(List.of(SKILLS));
        arguments.addAll(plan.removed());
        run(serial, REMOVE_SKILLS, arguments);
      }
    } finally {
      engine.removeContainer(names.desk());
    }
  }

  /** Copies the database of an agent that does not run aside; once for each configuration. */
  void keepDatabase(int serial) throws InterruptedException {
    run(serial, KEEP, List.of(Specs.HOME, Integer.toString(serial)));
  }

  /** Puts a database that was kept aside back. */
  void restoreDatabase(int serial) throws InterruptedException {
    run(serial, RESTORE, List.of(Specs.HOME, Integer.toString(serial)));
  }

  /** Deletes all databases that were kept aside. */
  void dropDatabases(int serial) throws InterruptedException {
    run(serial, DROP, List.of(Specs.HOME));
  }

  private void write(SkillPlan plan) throws InterruptedException {
    Tar tar = new Tar().file("managed.json", Specs.USER, AGENT_ONLY, plan.record());
    if (!plan.written().isEmpty()) {
      tar.directory("workspace/skills", Specs.USER, 0755);
    }
    plan.written()
        .forEach((id, text) -> {
          tar.directory("workspace/skills/" + id, Specs.USER, 0755);
          tar.file("workspace/skills/" + id + "/SKILL.md", Specs.USER, 0644, text);
        });
    engine.put(names.desk(), Specs.HOME, tar.source());
  }

  private void run(int serial, String script, List<String> arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", "-euc", script, "chore"));
    command.addAll(arguments);
    lay(serial, command);
    try {
      engine.start(names.desk());
      int code = engine.await(names.desk(), CHORE_MAX);
      if (code != 0) {
        LOG.log(
            Level.WARNING,
            "container.chore_failed instance=%s code=%d log=%s"
                .formatted(names.instance(), code, engine.logs(names.desk(), LOG_BYTES_MAX)));
        throw new ProviderException(
            "files", "The agent's files could not be prepared.", true, null);
      }
    } finally {
      engine.removeContainer(names.desk());
    }
  }

  private void lay(int serial, List<String> command) throws InterruptedException {
    ObjectNode spec =
        specs.desk(
            image, names.labels("desk", java.util.Optional.of(agentId)), names, serial, command);
    engine.removeContainer(names.desk());
    if (!engine.create(names.desk(), spec)) {
      throw new ProviderException("busy", "The agent's files are being worked on.", true, null);
    }
  }
}
