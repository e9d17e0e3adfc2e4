package ai.liberclaw.agent.tool.process;

import ai.liberclaw.agent.tool.shell.BackgroundCommand;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.Sink;
import ai.liberclaw.agent.workspace.Workspace;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The background processes of an agent: few at a time, each with its newest output in memory and
 * more in a file. They end with the agent; the next one knows of those it has lost.
 */
public final class Processes {
  public static final int RUNNING_MAX = 10;

  /** Bytes of output that a poll can give. */
  public static final int RECENT_BYTES_MAX = 10 * 1024;

  /** How long an ended process is remembered. */
  public static final Duration KEPT = Duration.ofHours(1);

  /** Between TERM and KILL. */
  public static final Duration KILL_GRACE = Duration.ofSeconds(5);

  private static final Logger LOG = System.getLogger(Processes.class.getName());

  private final Commands commands;
  private final Workspace workspace;
  private final ProcessRecords store;
  private final UnaryOperator<String> mask;
  private final Clock clock;
  private final int logBytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private int starting;

  private static final class Entry {
    private ProcessRecord record;
    private final Ring recent = new Ring(RECENT_BYTES_MAX);
    private @Nullable BackgroundCommand command;
    private boolean killed;

    Entry(ProcessRecord record) {
      this.record = record;
    }
  }

  /**
   * What a process has written since it was last asked.
   *
   * @param dropped bytes before it that are in the log alone
   */
  public record News(ProcessRecord process, String output, long dropped) {}

  /**
   * @param mask takes secrets out of a text
   */
  public Processes(
      Commands commands,
      Workspace workspace,
      ProcessRecords store,
      UnaryOperator<String> mask,
      Clock clock) {
    this(commands, workspace, store, mask, clock, ProcessLog.BYTES_MAX);
  }

  Processes(
      Commands commands,
      Workspace workspace,
      ProcessRecords store,
      UnaryOperator<String> mask,
      Clock clock,
      int logBytesMax) {
    this.commands = commands;
    this.workspace = workspace;
    this.store = store;
    this.mask = mask;
    this.clock = clock;
    this.logBytesMax = logBytesMax;
    store.loseRunning(clock.instant());
    store.all().forEach(record -> entries.put(record.id(), new Entry(record)));
  }

  /**
   * Starts a script in the background.
   *
   * @return empty when as many run as may
   * @throws IOException when it cannot be started
   */
  public Optional<ProcessRecord> start(String chatId, String script)
      throws IOException, InterruptedException {
    lock.lock();
    try {
      forgetOld();
      if (running() + starting >= RUNNING_MAX) {
        return Optional.empty();
      }
      starting++;
    } finally {
      lock.unlock();
    }
    try {
      return Optional.of(started(chatId, script));
    } finally {
      noLongerStarting();
    }
  }

  private void noLongerStarting() {
    lock.lock();
    try {
      starting--;
    } finally {
      lock.unlock();
    }
  }

  private ProcessRecord started(String chatId, String script)
      throws IOException, InterruptedException {
    String id = "p-" + UUID.randomUUID().toString().substring(0, 8);
    Optional<ProcessLog> log = ProcessLog.create(workspace, id, logBytesMax);
    Entry entry =
        new Entry(
            new ProcessRecord(
                id,
                chatId,
                mask.apply(script),
                ProcessState.RUNNING,
                Optional.empty(),
                log.map(ProcessLog::name),
                clock.instant(),
                Optional.empty()));
    BackgroundCommand command;
    try {
      command = commands.start(script, both(entry.recent, log));
    } catch (IOException | InterruptedException e) {
      log.ifPresent(ProcessLog::close);
      throw e;
    }
    entry.command = command;
    ProcessRecord record = entry.record;
    try {
      store.add(record, command.group(), command.startedTicks());
    } catch (RuntimeException e) {
      command.end(KILL_GRACE);
      log.ifPresent(ProcessLog::close);
      throw e;
    }
    lock.lock();
    try {
      entries.put(id, entry);
    } finally {
      lock.unlock();
    }
    CompletableFuture<Void> _ =
        command
            .ended()
            .thenAccept(exit -> {
              log.ifPresent(ProcessLog::close);
              ended(entry, exit);
            });
    return record;
  }

  /** A log that fails, as on a full disk, stops; the process goes on. */
  private static Sink both(Ring recent, Optional<ProcessLog> log) {
    boolean[] failed = {false};
    return (bytes, count) -> {
      recent.write(bytes, count);
      if (log.isEmpty() || failed[0]) {
        return;
      }
      try {
        log.get().write(bytes, count);
      } catch (IOException e) {
        failed[0] = true;
        LOG.log(Level.WARNING, "process.log_stopped reason={0}", e.toString());
      }
    };
  }

  private void ended(Entry entry, int exit) {
    ProcessRecord record;
    lock.lock();
    try {
      ProcessState how = entry.killed ? ProcessState.KILLED : ProcessState.EXITED;
      record = entry.record.ended(how, Optional.of(exit), clock.instant());
      entry.record = record;
      entry.command = null;
    } finally {
      lock.unlock();
    }
    try {
      store.end(record);
    } catch (RuntimeException e) {
      // The agent stops; the next start calls it lost.
      LOG.log(Level.DEBUG, "process.end_not_stored id={0}", record.id());
    }
  }

  private long running() {
    return entries.values().stream().filter(entry -> entry.command != null).count();
  }

  private void forgetOld() {
    Instant before = clock.instant().minus(KEPT);
    boolean some =
        entries
            .values()
            .removeIf(entry -> entry.record.ended().filter(before::isAfter).isPresent());
    if (some) {
      store.deleteEndedBefore(before);
    }
  }

  /** All that run or have ended lately, oldest first. */
  public List<ProcessRecord> list() {
    lock.lock();
    try {
      forgetOld();
      return entries.values().stream().map(entry -> entry.record).toList();
    } finally {
      lock.unlock();
    }
  }

  /** What it has written since the last time; empty when there is no such process. */
  public Optional<News> poll(String id) {
    lock.lock();
    try {
      forgetOld();
      Entry entry = entries.get(id);
      if (entry == null) {
        return Optional.empty();
      }
      Ring.Taken taken = entry.recent.take();
      return Optional.of(new News(entry.record, taken.text(), taken.dropped()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends a process and all it started, and waits for that.
   *
   * @return as it was before; empty when there is no such process
   */
  public Optional<ProcessRecord> kill(String id) {
    BackgroundCommand command;
    ProcessRecord before;
    lock.lock();
    try {
      forgetOld();
      Entry entry = entries.get(id);
      if (entry == null) {
        return Optional.empty();
      }
      before = entry.record;
      command = entry.command;
      entry.killed = command != null;
    } finally {
      lock.unlock();
    }
    if (command != null) {
      command.end(KILL_GRACE);
    }
    return Optional.of(before);
  }
}
