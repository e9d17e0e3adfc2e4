/**
 * Tasks on code in the workspace, each in a chat of its own and with a checkpoint before it: {@code
 * /runtime/coding-tasks}.
 */
@NullMarked
package ai.liberclaw.agent.coding;

import org.jspecify.annotations.NullMarked;
