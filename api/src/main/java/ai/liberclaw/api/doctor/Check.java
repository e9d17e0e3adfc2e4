package ai.liberclaw.api.doctor;

import java.util.List;

/**
 * One thing to look at.
 *
 * @param name one word
 */
public record Check(String name, Examination examination) {
  /** Looks; may block, and ends when its thread is interrupted. */
  @FunctionalInterface
  public interface Examination {
    /** Returns at least one finding. */
    List<Finding> findings() throws Exception;
  }
}
