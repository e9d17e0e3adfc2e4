/**
 * What a model can do: one class per tool, and the toolbox that checks arguments, bounds results
 * and keeps secrets out of them.
 */
@NullMarked
package ai.liberclaw.agent.tool;

import org.jspecify.annotations.NullMarked;
