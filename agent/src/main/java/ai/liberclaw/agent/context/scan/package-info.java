/** Looks for attempts to direct the model in what its own files tell it. A heuristic. */
@NullMarked
package ai.liberclaw.agent.context.scan;

import org.jspecify.annotations.NullMarked;
