/** Facts that the agent keeps one by one, for all chats or for one. */
@NullMarked
package ai.liberclaw.agent.memory;

import org.jspecify.annotations.NullMarked;
