/** Checkpoints of the workspace: what it was like, to go back to. */
@NullMarked
package ai.liberclaw.agent.checkpoint;

import org.jspecify.annotations.NullMarked;
