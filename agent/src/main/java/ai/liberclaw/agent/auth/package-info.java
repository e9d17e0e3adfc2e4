/** Who may talk to the agent: whoever holds its one secret. */
@NullMarked
package ai.liberclaw.agent.auth;

import org.jspecify.annotations.NullMarked;
