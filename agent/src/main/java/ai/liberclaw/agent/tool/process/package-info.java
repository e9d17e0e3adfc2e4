/** Programs that run on while the model does other things: servers, long builds. */
@NullMarked
package ai.liberclaw.agent.tool.process;

import org.jspecify.annotations.NullMarked;
