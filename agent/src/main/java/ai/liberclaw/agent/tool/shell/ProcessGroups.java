package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The process groups of commands. Each has a file named by its id in a folder of the agent's own,
 * from its start until no process of it is left, so that the next start of a killed agent finds
 * what it left behind.
 */
final class ProcessGroups {
  static final Duration TERM_GRACE = Duration.ofSeconds(2);
  private static final Duration KILL_GRACE = Duration.ofSeconds(2);
  private static final int TIDY_AT = 32;
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Logger LOG = System.getLogger(ProcessGroups.class.getName());

  private final Path folder;
  private final Libc libc;
  private final OptionalInt user;
  private final boolean inner;

  /**
   * @param user whom the processes run as, where that is not the server's own user
   * @param inner whether a group's leader is a sandbox that ends all others when it ends
   */
  ProcessGroups(Path folder, Libc libc, OptionalInt user, boolean inner) {
    this.folder = folder;
    this.libc = libc;
    this.user = user;
    this.inner = inner;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param mark in the environment of every process of the group
   */
  void record(long group, String mark) throws IOException {
    List<Long> others = recorded();
    if (others.size() >= TIDY_AT) {
      // Of commands that left something in the background, which has ended since.
      others.forEach(this::release);
    }
    String started =
        ProcTable.started(group).stream().mapToObj(t -> "\n" + t).findFirst().orElse("");
    Files.writeString(folder.resolve(Long.toString(group)), mark + started);
  }

  /** Forgets the group unless processes of it live on. */
  void release(long group) {
    if (!alive(group)) {
      forget(group);
    }
  }

  private void forget(long group) {
    try {
      Files.deleteIfExists(folder.resolve(Long.toString(group)));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "tool.group_record_stays group={0}", Long.toString(group));
    }
  }

  /** Ends every process of the group: TERM, after two seconds KILL. Does not heed interrupts. */
  void end(long group) {
    end(group, TERM_GRACE);
  }

  /** The same with another patience before KILL. */
  void end(long group, Duration grace) {
    boolean interrupted = Thread.interrupted();
    try {
      if (terminate(group) && !gone(group, grace)) {
        libc.signalGroup(group, Libc.SIGKILL);
        gone(group, KILL_GRACE);
      }
      release(group);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Asks to end; false when there is nobody to ask. */
  private boolean terminate(long group) {
    List<ProcTable.Entry> members =
        inner && ProcTable.available()
            ? ProcTable.session(group).stream().filter(p -> p.pid() != group).toList()
            : List.of();
    members.forEach(p -> libc.signal(p.pid(), Libc.SIGTERM));
    return !members.isEmpty() || libc.signalGroup(group, Libc.SIGTERM);
  }

  /** No call waits for a group whose leader is somebody else's child, so it is looked at often. */
  private boolean gone(long group, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (alive(group)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
      Thread.interrupted();
    }
    return true;
  }

  boolean alive(long group) {
    if (!libc.signalGroup(group, 0)) {
      return false;
    }
    // Where nobody reaps orphans, dead ones stay in the group.
    return !ProcTable.available() || ProcTable.anyAlive(group);
  }

  /**
   * Ends every recorded group. A group that another program has now (the number was used again) is
   * left alone.
   */
  void endAll() {
    List<Long> groups = new ArrayList<>();
    for (long group : recorded()) {
      if (alive(group) && ours(group)) {
        groups.add(group);
        terminate(group);
      } else {
        forget(group);
      }
    }
    long deadline = System.nanoTime() + TERM_GRACE.toNanos();
    for (long group : groups) {
      if (!gone(group, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
        libc.signalGroup(group, Libc.SIGKILL);
        gone(group, KILL_GRACE);
      }
      release(group);
      LOG.log(Level.INFO, "tool.group_ended group={0}", Long.toString(group));
    }
  }

  private List<Long> recorded() {
    List<Long> groups = new ArrayList<>();
    try (DirectoryStream<Path> records = Files.newDirectoryStream(folder, "[0-9]*")) {
      for (Path record : records) {
        groups.add(Long.parseLong(record.getFileName().toString()));
      }
    } catch (IOException | NumberFormatException e) {
      LOG.log(Level.WARNING, "tool.groups_unreadable reason={0}", e.toString());
    }
    return groups;
  }

  private boolean ours(long group) {
    if (!ProcTable.available()) {
      return true;
    }
    try {
      List<String> known = Files.readAllLines(folder.resolve(Long.toString(group)));
      String mark = known.isEmpty() ? "" : known.getFirst().strip();
      OptionalLong leader = ProcTable.started(group);
      if (leader.isPresent() && known.size() > 1) {
        return known.get(1).strip().equals(Long.toString(leader.getAsLong()));
      }
      // The environment of another user's processes may be closed to the server.
      return !mark.isEmpty()
          && (ProcTable.anyMarked(group, mark)
              || (user.isPresent() && known.size() > 1 && ProcTable.anyOf(user.getAsInt(), group)));
    } catch (IOException _) {
      return false;
    }
  }
}
