/**
 * What the owner lets the tools do: a mode, lists of names and rules on arguments. Says of each
 * call whether it may run, must be asked for, or is refused.
 */
@NullMarked
package ai.liberclaw.agent.policy;

import org.jspecify.annotations.NullMarked;
