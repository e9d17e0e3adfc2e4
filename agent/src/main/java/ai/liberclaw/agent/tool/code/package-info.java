/** Python programs of the model's that call tools through a socket of their own. */
@NullMarked
package ai.liberclaw.agent.tool.code;

import org.jspecify.annotations.NullMarked;
