/** Tasks that run in the background, each as a turn of a chat of its own. */
@NullMarked
package ai.liberclaw.agent.subagent;

import org.jspecify.annotations.NullMarked;
