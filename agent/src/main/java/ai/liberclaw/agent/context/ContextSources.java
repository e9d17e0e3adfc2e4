package ai.liberclaw.agent.context;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What the context is made of beside files and rows.
 *
 * @param facts what is remembered for a chat, one line each; empty when nothing is
 * @param fileSources by a memory file's path: where content from outside came from that was read
 *     when it was written; empty when none was
 * @param openTodos what is left to do, one line each; empty when nothing is
 * @param keeper takes what a compaction finds worth keeping
 * @param flush whether a compaction looks for that
 * @param scan whether what the agent's files say is searched for attempts to direct it
 */
public record ContextSources(
    UnaryOperator<String> facts,
    UnaryOperator<String> fileSources,
    Supplier<String> openTodos,
    MemoryKeeper keeper,
    boolean flush,
    boolean scan) {
  /** Files and rows alone. */
  public static ContextSources none() {
    return new ContextSources(_ -> "", _ -> "", () -> "", (_, _, _) -> {}, false, true);
  }
}
