package ai.liberclaw.deploy.job;

import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.ProviderException;
import java.time.Duration;
import java.util.Set;
import org.jooq.DSLContext;

/** What jobs do. Every step may run again after a crash and then goes on from what it finds. */
public interface Recipe {
  /** The steps that are passed without doing anything in this job. */
  Set<StepKey> idle(Run run);

  /** How long one step may take. */
  Duration limit(Run run, StepKey step);

  /** How long a destroy may take before it begins again. */
  Duration destroyLimit();

  /** Notes in the transaction that begins a step where the agent now is. */
  void entering(DSLContext sql, Run run, StepKey step);

  /** What the owner reads while a step is being done. */
  String announcement(DeploymentKind kind, StepKey step);

  /**
   * Does one step.
   *
   * @return a short text for the owner
   * @throws ProviderException when it could not be done
   */
  String step(Run run, StepKey step) throws InterruptedException;

  /** Destroys all that the agent has. */
  void destroy(Run run) throws InterruptedException;

  /** How long {@link #abandon} may take before it begins again. */
  default Duration abandonLimit() {
    return Duration.ofMinutes(2);
  }

  /**
   * Takes back what must not go on after a final failure; done before it is noted, and again by
   * whoever takes the job when that was cut short.
   */
  void abandon(Run run) throws InterruptedException;

  /** Joins the transaction that ends the job well. */
  void succeeded(DSLContext sql, Run run);

  /** Joins the transaction that ends the job badly. */
  void failed(DSLContext sql, Run run, StepKey step, String code, String message);
}
