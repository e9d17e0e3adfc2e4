/** Which chats belong to whom, for what one chat may learn of another. */
@NullMarked
package ai.liberclaw.agent.scope;

import org.jspecify.annotations.NullMarked;
