/**
 * Questions about tool calls, and people's answers to them. A question is bound to the arguments of
 * its call, is answered once, and runs out.
 */
@NullMarked
package ai.liberclaw.agent.approval;

import org.jspecify.annotations.NullMarked;
