/** What happened in a chat, for debugging and replay. */
@NullMarked
package ai.liberclaw.agent.events;

import org.jspecify.annotations.NullMarked;
