package ai.liberclaw.agent.tool.process;

import java.time.Instant;
import java.util.Optional;

/**
 * A process as it is known after a restart too.
 *
 * @param command without secrets
 * @param exitCode of one that has exited
 * @param log its whole output, newest part, relative to the workspace
 */
public record ProcessRecord(
    String id,
    String chatId,
    String command,
    ProcessState state,
    Optional<Integer> exitCode,
    Optional<String> log,
    Instant started,
    Optional<Instant> ended) {
  ProcessRecord ended(ProcessState how, Optional<Integer> exit, Instant when) {
    return new ProcessRecord(id, chatId, command, how, exit, log, started, Optional.of(when));
  }
}
