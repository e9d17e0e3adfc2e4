package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Starts the jobs of {@code cron.json} when they come due, the tasks of watchers, and without
 * {@code cron.json} the heartbeat. A run is a turn of the job's own chat, so it delays nobody and
 * goes on after a restart; a job never overlaps itself. However much came due while the agent was
 * away, a job runs once for it, and never twice for the same moment.
 */
public final class Scheduler implements TurnOutlet, AutoCloseable {
  /** How the chats of jobs begin, for the turns' setups. */
  public static final List<String> CHAT_PREFIXES = List.of(Job.CHAT_PREFIX, Job.HEARTBEAT);

  static final String FILE_NAME = "cron.json";
  static final int JOBS_MAX = 100;

  /** How long before it was first seen a job may have been written. */
  private static final Duration UNSEEN_MAX = Duration.ofMinutes(2);

  /** Looks in a row that find no file before its jobs are forgotten: it may be in the making. */
  private static final int ABSENCES_MAX = 3;

  private static final Logger LOG = System.getLogger(Scheduler.class.getName());

  private final Workspace workspace;
  private final Settings settings;
  private final ScheduleStore store;
  private final Memos memos;
  private final JobTurns turns;
  private final Consumer<Notice> leave;
  private final UnaryOperator<String> mask;
  private final InstantSource clock;
  private final JobOutlet outlet;
  private final HeartbeatFile heartbeatFile;
  private final ListFile<Job> file;
  private final Watchers watchers;
  private final StatusFile status;
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean closed;

  /** One look at a time. */
  private final ReentrantLock looking = new ReentrantLock();

  /** For whom what runs is; kept here because a job may remove itself from the file. */
  private final Map<String, Optional<String>> recipients = new ConcurrentHashMap<>();

  /** Jobs whose last run has failed. */
  private final Map<String, TurnState> failed = new ConcurrentHashMap<>();

  private int absences;

  /**
   * @param heartbeat between two beats; zero for none
   * @param ownerChatId gets what no other chat is named for; when empty, nobody does
   */
  public record Settings(Duration heartbeat, String ownerChatId) {}

  /**
   * @param leave leaves a message for a chat
   * @param mask hides secrets
   */
  public Scheduler(
      Workspace workspace,
      Settings settings,
      ScheduleStore store,
      JobTurns turns,
      Consumer<Notice> leave,
      UnaryOperator<String> mask,
      InstantSource clock) {
    this.workspace = workspace;
    this.settings = settings;
    this.store = store;
    this.memos = new Memos(store);
    this.turns = turns;
    this.leave = leave;
    this.mask = mask;
    this.clock = clock;
    this.outlet = new JobOutlet(mask);
    this.heartbeatFile = new HeartbeatFile(workspace.root());
    this.file = new ListFile<>(workspace, FILE_NAME, JOBS_MAX, JobEntry::of, Job::id);
    this.watchers = new Watchers(workspace, new WatchRuns());
    this.status = new StatusFile(workspace);
  }

  /** Only a heartbeat sees nothing of the runs before. */
  public static boolean isFresh(String chatId) {
    return chatId.equals(Job.HEARTBEAT);
  }

  /** Begins; after the turn engine has gone on with what a former process left. */
  public void start() {
    Thread.ofVirtual().name("scheduler").start(this::run);
  }

  /** No further run begins; those that run are the turn engine's to end. */
  @Override
  public void close() {
    closed = true;
    wake.release();
  }

  private void run() {
    try {
      while (!closed) {
        Instant next = look();
        long wait = Duration.between(clock.instant(), next).toMillis();
        if (wake.tryAcquire(Math.max(1, wait), TimeUnit.MILLISECONDS)) {
          int ignored = wake.drainPermits();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Reads the files, starts what is due.
   *
   * @return when to look again
   */
  Instant look() {
    Instant now = clock.instant();
    Instant next = now.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
    looking.lock();
    try {
      ListFile.Content<Job> content = file.read();
      List<Job> jobs = enabled(content);
      for (Job job : jobs) {
        Optional<Instant> due = considerSafely(job, baseline(content, now), now);
        if (job.timing() instanceof Timing.Every && due.isPresent() && due.get().isBefore(next)) {
          next = due.get();
        }
      }
      forgetOthers(content, jobs);
      List<String> faults = watchers.look(now);
      ScheduleView view = view(faults);
      if (status.write(view, now)) {
        tell(view.problems());
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "schedule.failed", e);
    } finally {
      looking.unlock();
    }
    return next;
  }

  private List<Job> enabled(ListFile.Content<Job> content) {
    if (content.present()) {
      return content.entries().stream().filter(Job::enabled).toList();
    }
    Timing timing = new Timing.Every(settings.heartbeat());
    return settings.heartbeat().isPositive()
        ? List.of(new Job(Job.HEARTBEAT, timing, "", true, Optional.empty()))
        : List.of();
  }

  /** From when on a job that is new counts: since it was written, if that is not long ago. */
  private static Instant baseline(ListFile.Content<Job> content, Instant now) {
    Instant earliest = now.minus(UNSEEN_MAX);
    if (!content.present() || content.written().isAfter(now)) {
      return now;
    }
    return content.written().isBefore(earliest) ? earliest : content.written();
  }

  private Optional<Instant> considerSafely(Job job, Instant baseline, Instant now) {
    try {
      return consider(job, baseline, now);
    } catch (RuntimeException e) {
      // Also when the agent is stopping. What is due stays due.
      LOG.log(Level.WARNING, "schedule.job_not_started job={0} reason={1}", job.id(), e);
      return Optional.empty();
    }
  }

  /**
   * Starts a job that is due.
   *
   * @return when it is due next
   */
  private Optional<Instant> consider(Job job, Instant baseline, Instant now) {
    Memo memo = memos.of(job, baseline, now);
    Optional<Instant> due = job.timing().next(memo.handled());
    if (due.isEmpty() || due.get().isAfter(now)) {
      return due;
    }
    boolean beat = job.id().equals(Job.HEARTBEAT);
    if (turns.isActive(Job.chatId(job.id()))) {
      LOG.log(Level.INFO, "schedule.skipped job={0} reason=running", job.id());
      // What comes once must not be left out: it waits for the run before.
      if (!(job.timing() instanceof Timing.At)) {
        memos.passed(job, memo, now);
      }
    } else if (beat && job.task().isBlank() && !heartbeatFile.isActionable()) {
      memos.passedForNow(job, memo, now);
    } else {
      memos.starting(job, now);
      String message = beat ? Messages.heartbeat(job) : Messages.job(job);
      try {
        // Named after the moment: a run that a killed process began for it is not repeated.
        String name = "due " + due.get().toEpochMilli();
        memos.started(job, now, submit(job.id(), job.deliverTo(), message, name));
      } catch (RuntimeException e) {
        memos.notStarted(job, memo);
        throw e;
      }
    }
    return job.timing().next(now);
  }

  private String submit(
      String jobId, Optional<String> recipient, String message, String clientMessageId) {
    recipients.put(jobId, recipient);
    Turn turn =
        turns.submit(
            new NewTurn(
                Job.chatId(jobId), message, NewTurn.MODE_CHAT, Optional.of(clientMessageId), true));
    LOG.log(Level.INFO, "schedule.started job={0} turn={1}", jobId, turn.id());
    return turn.id();
  }

  /** Jobs that are no longer in the file, or switched off, begin anew when they come back. */
  private void forgetOthers(ListFile.Content<Job> content, List<Job> jobs) {
    absences = content.present() ? 0 : Math.min(ABSENCES_MAX, absences + 1);
    if (content.whole() && (content.present() || absences == ABSENCES_MAX)) {
      memos.keep(jobs.stream().map(Job::key).toList());
      List<String> ids = jobs.stream().map(Job::id).toList();
      failed.keySet().removeIf(id -> !ids.contains(id) && !id.startsWith(Watch.ID_PREFIX));
    }
  }

  private void tell(List<String> problems) {
    if (!settings.ownerChatId().isEmpty()) {
      String text = "[Schedule] " + String.join("\n", problems);
      leave.accept(new Notice(settings.ownerChatId(), "cron", mask.apply(text)));
    }
  }

  /** What is planned now. */
  ScheduleView view() {
    return view(watchers.content().problems());
  }

  private ScheduleView view(List<String> watcherProblems) {
    ListFile.Content<Job> content = file.read();
    List<String> problems = new ArrayList<>(content.problems());
    problems.addAll(watcherProblems);
    List<Job> jobs = content.present() ? content.entries() : enabled(content);
    List<ScheduleView.Planned> planned = new ArrayList<>();
    for (Job job : jobs) {
      Optional<Memo> memo = memos.find(job);
      Instant after = memo.map(Memo::handled).orElse(clock.instant());
      Optional<Instant> next = job.enabled() ? job.timing().next(after) : Optional.empty();
      planned.add(new ScheduleView.Planned(job, next, memo));
    }
    return new ScheduleView(
        content.present(), planned, watchers.content().entries(), List.copyOf(problems));
  }

  /** In a word: whether there are heartbeats, and if not, why. */
  public String heartbeatState() {
    if (file.read().present()) {
      return "replaced by " + FILE_NAME;
    }
    return settings.heartbeat().isPositive() ? "enabled" : "disabled";
  }

  /** The faults that this list would have as {@code cron.json}. */
  List<String> problems(JsonNode list) {
    return file.problems(list);
  }

  /** Replaces {@code cron.json} and acts on it at once. */
  void replace(JsonNode list) throws IOException, WorkspaceRefusal {
    StatusFile.replace(workspace, FILE_NAME, Json.writePretty(list) + "\n");
    Instant ignored = look();
    wake.release();
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    String id = Job.idOf(turn.chatId());
    String chatId = recipient(id).orElse(settings.ownerChatId());
    if (chatId.isEmpty()) {
      return List.of();
    }
    return switch (end.state()) {
      case DONE -> outlet.answer(id, chatId, end);
      case FAILED, INTERRUPTED ->
          // Told once: a job may come every minute. A beat that fails is only logged.
          id.equals(Job.HEARTBEAT) || failed.containsKey(id)
              ? List.of()
              : outlet.failure(id, chatId, end.failure());
      case CANCELLED, WAITING, RUNNING, PAUSED -> List.of();
    };
  }

  private Optional<String> recipient(String id) {
    Optional<String> started = recipients.get(id);
    if (started != null) {
      return started;
    }
    // A former process began the run.
    return file.read().entries().stream()
        .filter(job -> job.id().equals(id))
        .findFirst()
        .flatMap(Job::deliverTo)
        .or(() ->
            watchers.content().entries().stream()
                .filter(watch -> watch.jobId().equals(id))
                .findFirst()
                .flatMap(Watch::deliverTo));
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    String id = Job.idOf(turn.chatId());
    recipients.remove(id);
    switch (end.state()) {
      case FAILED, INTERRUPTED -> failed.put(id, end.state());
      case DONE, CANCELLED, WAITING, RUNNING, PAUSED -> failed.remove(id);
    }
    memos.ended(id, end.state());
    LOG.log(
        end.state() == TurnState.DONE ? Level.INFO : Level.WARNING,
        "schedule.ended job={0} turn={1} state={2} code={3}",
        id,
        turn.id(),
        end.state().wireName(),
        end.failure().map(failure -> failure.code()).orElse(""));
  }

  private final class WatchRuns implements Watchers.Runs {
    @Override
    public boolean run(Watch watch, Instant changed) {
      String id = watch.jobId();
      if (turns.isActive(Job.chatId(id))) {
        return false;
      }
      try {
        String name = "changed " + changed.toEpochMilli();
        String ignored = submit(id, watch.deliverTo(), Messages.watch(watch), name);
      } catch (Refusal e) {
        LOG.log(Level.INFO, "watcher.not_started watcher={0} reason={1}", watch.id(), e.text());
        return false;
      }
      store.event(
          Job.chatId(id),
          "watcher.triggered",
          Json.object().put("watcher_id", watch.id()).put("path", watch.path()));
      return true;
    }

    @Override
    public void failed(Watch watch, String why) {
      LOG.log(Level.WARNING, "watcher.not_working watcher={0} reason={1}", watch.id(), why);
      store.event(
          Job.chatId(watch.jobId()),
          "watcher.error",
          Json.object().put("watcher_id", watch.id()).put("error", why));
    }
  }
}
