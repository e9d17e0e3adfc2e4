/** The chat page that the agent itself serves, and which other origins may talk to the agent. */
@NullMarked
package ai.liberclaw.agent.webchat;

import org.jspecify.annotations.NullMarked;
