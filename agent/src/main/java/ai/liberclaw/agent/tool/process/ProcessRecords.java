package ai.liberclaw.agent.tool.process;

import java.time.Instant;
import java.util.List;

/** What is stored of processes, for the next start. */
public interface ProcessRecords {
  /**
   * @param group its process group
   * @param startedTicks when that began, as the kernel counts
   */
  void add(ProcessRecord process, long group, long startedTicks);

  /** Stores how a process ended. */
  void end(ProcessRecord process);

  /** Those that ran when the agent ended are lost now. */
  void loseRunning(Instant now);

  void deleteEndedBefore(Instant time);

  /** All there are, oldest first. */
  List<ProcessRecord> all();
}
