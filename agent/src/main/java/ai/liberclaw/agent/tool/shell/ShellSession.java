package ai.liberclaw.agent.tool.shell;

import ai.liberclaw.agent.tool.shell.ProcTable.Entry;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The processes of a shell's session while one command runs: which of them belong to that command,
 * which were left in the background by earlier ones, and which keep the shell.
 */
final class ShellSession {
  private static final Duration KILL_GRACE = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(10);

  /** The keeper and the shell. */
  private static final int KEPT = 2;

  /** The sandbox's program outside and its first process inside, too. */
  private static final int KEPT_INSIDE = 4;

  private final Children children;
  private final Process keeper;
  private final long session;
  private final long since;
  private final Set<Long> keepers = new HashSet<>();
  private long shell;
  private Optional<Entry> shellEntry = Optional.empty();
  private boolean interrupted;

  /**
   * Before a command is given to the shell.
   *
   * @param before when the last command ended, in ticks: what began in that tick was its own
   */
  ShellSession(Children children, Process keeper, long before) throws IOException {
    this.children = children;
    this.keeper = keeper;
    this.session = keeper.pid();
    this.since = tickAfter(before);
  }

  private static long tickAfter(long before) throws IOException {
    if (!ProcTable.available()) {
      return 0;
    }
    long now = ProcTable.now();
    while (now <= before && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(POLL.toNanos() / 5);
      now = ProcTable.now();
    }
    return now;
  }

  /**
   * @param pid the shell's, as it sees itself
   */
  void begun(long pid) {
    shell = pid;
  }

  /** Whether a session without a running command has more than a shell and what keeps it. */
  static boolean background(Children children, long session) {
    return ProcTable.available()
        && ProcTable.session(session).size()
            > (children.sandbox().ownProcesses() ? KEPT_INSIDE : KEPT);
  }

  /**
   * Ends the command and the shell that runs it: TERM, after two seconds KILL. What earlier
   * commands left in the background lives on, unless there is no other way.
   */
  void endCommand() {
    try {
      end();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void end() {
    if (!ProcTable.available() || victims().isEmpty()) {
      children.end(keeper);
      return;
    }
    signal(Libc.SIGTERM);
    if (gone(ProcessGroups.TERM_GRACE, false) || gone(KILL_GRACE, true)) {
      return;
    }
    // It multiplies faster than it can be counted.
    children.end(keeper);
  }

  private void signal(int signal) {
    for (Entry victim : victims()) {
      children.libc().signal(victim.pid(), signal);
    }
  }

  private boolean gone(Duration atMost, boolean kill) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!victims().isEmpty()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      if (kill) {
        signal(Libc.SIGKILL);
      }
      LockSupport.parkNanos(POLL.toNanos());
      // Ending cannot be interrupted; the caller learns of an interrupt when it waits next.
      interrupted |= Thread.interrupted();
    }
    return true;
  }

  private List<Entry> victims() {
    List<Entry> all = ProcTable.session(session);
    Map<Long, Entry> byPid =
        all.stream().collect(Collectors.toMap(Entry::pid, Function.identity(), (a, _) -> a));
    if (shellEntry.isEmpty()) {
      shellEntry = all.stream().filter(p -> ProcTable.innerPid(p.pid()) == shell).findFirst();
      shellEntry.ifPresent(entry -> keep(byPid, entry.parent()));
    }
    if (shellEntry.isEmpty()) {
      return List.of();
    }
    return all.stream().filter(process -> ofCommand(byPid, process)).toList();
  }

  private void keep(Map<Long, Entry> byPid, long pid) {
    for (Entry at = byPid.get(pid); at != null && keepers.add(at.pid()); ) {
      at = byPid.get(at.parent());
    }
  }

  private boolean ofCommand(Map<Long, Entry> byPid, Entry process) {
    Entry at = process;
    while (at != null && !keepers.contains(at.pid())) {
      if (isShell(at)) {
        return isShell(process) || process.started() >= since;
      }
      if (at.started() < since) {
        return false;
      }
      at = byPid.get(at.parent());
    }
    // An orphan of the command, or the next shell, which the keeper has already started.
    return !keepers.contains(process.pid()) && !nextShell(process);
  }

  private boolean isShell(Entry process) {
    return shellEntry
        .filter(s -> s.pid() == process.pid() && s.started() == process.started())
        .isPresent();
  }

  private boolean nextShell(Entry process) {
    return shellEntry.filter(s -> s.parent() == process.parent()).isPresent();
  }
}
