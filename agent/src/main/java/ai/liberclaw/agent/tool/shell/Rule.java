package ai.liberclaw.agent.tool.shell;

import java.util.Optional;

/** One class of commands that the guard rails refuse. */
@FunctionalInterface
interface Rule {
  /** Why the command is refused, in words for a person; empty when it may run. */
  Optional<String> refuse(Invocation command);
}
