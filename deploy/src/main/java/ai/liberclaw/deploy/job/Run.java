package ai.liberclaw.deploy.job;

import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.progress.LogLevel;
import ai.liberclaw.deploy.progress.ProgressStore;
import ai.liberclaw.deploy.provider.Fenced;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jooq.DSLContext;

/** One attempt at a job. All it writes is written under its lease. */
public final class Run {
  private final PlatformDatabase database;
  private final Mask mask;
  private volatile Deployment job;
  private Optional<String> bootId = Optional.empty();
  private Optional<String> release = Optional.empty();
  private boolean returned;

  Run(PlatformDatabase database, Deployment job, Mask mask) {
    this.database = database;
    this.job = job;
    this.mask = mask;
    this.returned = job.returned();
  }

  public Deployment job() {
    return job;
  }

  /** Notes which start of the agent answered, and of which release; kept when the job ends. */
  public void answered(Optional<String> answeredBootId, Optional<String> answeredRelease) {
    bootId = answeredBootId;
    release = answeredRelease;
  }

  public Optional<String> bootId() {
    return bootId;
  }

  public Optional<String> release() {
    return release;
  }

  /** Notes, for whoever takes the job, that the agent runs again as before it. */
  public void returned(DSLContext sql) {
    DeploymentStore.returned(sql, job);
    returned = true;
  }

  public boolean hasReturned() {
    return returned;
  }

  /**
   * One transaction that commits only while the lease stands.
   *
   * @throws Fenced when the job was cancelled or taken over
   */
  public <T> T fenced(Function<DSLContext, T> work) {
    return database.transaction(sql -> {
      if (!DeploymentStore.hold(sql, job)) {
        throw new Fenced("deployment " + job.id() + " was cancelled or taken over");
      }
      return work.apply(sql);
    });
  }

  /** As {@link #fenced}, for work without a result. */
  public void write(Consumer<DSLContext> work) {
    fenced(sql -> {
      work.accept(sql);
      return true;
    });
  }

  /**
   * From now on, also after a crash, the job is about another instance.
   *
   * @param work joins the transaction
   */
  public void moveTo(UUID instanceId, Consumer<DSLContext> work) {
    write(sql -> {
      DeploymentStore.move(sql, job, instanceId);
      work.accept(sql);
    });
    job = job.on(instanceId);
  }

  /** Adds a line to the log the owner sees, in a transaction of the caller. */
  public void log(DSLContext sql, LogLevel level, String message) {
    ProgressStore.log(sql, job.id(), level, mask.mask(message));
  }

  String masked(String text) {
    return mask.mask(text);
  }
}
