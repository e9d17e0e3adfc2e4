/** Cases with a scripted model that show whether the agent still does what it did. */
@NullMarked
package ai.liberclaw.agent.eval;

import org.jspecify.annotations.NullMarked;
